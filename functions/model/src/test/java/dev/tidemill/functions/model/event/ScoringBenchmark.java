package dev.tidemill.functions.model.event;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.functions.model.ModelConfig;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Batch scoring against the engine alone: {@code MODEL.onnx|MODEL.pt ROWS ROUNDS}. The table has scikit-learn's digits again and again, as NPY
 * and as CSV, in a store in memory; the predictions are thrown away. The engine gets the same rows in tensors of the same size that are there
 * already. By turns; prints rows a second, the medians of the rounds, and the ratios.
 */
public final class ScoringBenchmark {

    private static final int BATCH = 1_024;

    private ScoringBenchmark() {}

    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        int rows = Integer.parseInt(args[1]);
        int rounds = Integer.parseInt(args[2]);
        ModelConfig config = Models.config(
                file.toString().endsWith(".pt") ? ModelSpec.Format.PyTorch : ModelSpec.Format.ONNX,
                file,
                List.of(new ModelSpec.Tensor("x", Datatype.FP32, List.of(-1L, 64L), List.of("column*"))),
                Models.DIGITS_OUT,
                BATCH);
        float[] digits = Models.floats(Models.npy("digits-x.npy", "x"));
        ObjectClient store = new MemoryStore().client();
        store.createBucket("lake");
        ObjectRange npy = put(store, "digits.npy", npy(digits, rows));
        ObjectRange csv = put(store, "digits.csv", csv(digits, rows));
        try (Graph graph = Graph.load(config.model().spec(), file, Models.NATIVES);
                ServedModel model = Models.load(config)) {
            double[][] seconds = new double[3][rounds];
            for (int round = -1; round < rounds; round++) {
                double[] took = {engine(graph, digits, rows), score(model, store, npy), score(model, store, csv)};
                for (int what = 0; what < took.length && round >= 0; what++) {
                    seconds[what][round] = took[what];
                }
            }
            double engine = median(seconds[0]);
            print("the engine alone", rows, engine, engine);
            print("scoring NPY", rows, median(seconds[1]), engine);
            print("scoring CSV", rows, median(seconds[2]), engine);
        }
    }

    private static void print(String what, int rows, double seconds, double engine) {
        System.out.printf("%-18s %,12.0f rows/s   %.2f of the engine%n", what, rows / seconds, engine / seconds);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double engine(Graph graph, float[] digits, int rows) {
        float[] batch = new float[BATCH * 64];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = digits[i % digits.length];
        }
        Tensor tensor = Models.floats("x", new long[] {BATCH, 64}, batch);
        long begin = System.nanoTime();
        for (int done = 0; done < rows; done += BATCH) {
            graph.run(List.of(tensor));
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double score(ServedModel model, ObjectClient store, ObjectRange table) throws IOException {
        S3Prefix binding = new S3Prefix("AWS_S3_Prefix", "lake", "", 1, 0, null, List.of(table));
        long begin = System.nanoTime();
        new Scoring(model, store, OutputStream.nullOutputStream())
                .score(new ShardData("model/digits", Map.of("in", binding), null));
        return (System.nanoTime() - begin) / 1e9;
    }

    private static ObjectRange put(ObjectClient store, String key, byte[] content) {
        ObjectClient.Written written = store.put("lake", key, content, "application/octet-stream", Precondition.NONE);
        return ObjectRange.whole(key, written.etag(), content.length);
    }

    private static byte[] npy(float[] digits, int rows) {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 64), }".formatted(rows);
        int padded = (10 + header.length() + 64) / 64 * 64;
        ByteBuffer bytes = ByteBuffer.allocate(padded + rows * 256).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) (padded - 10));
        bytes.put((header + " ".repeat(padded - 11 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < rows * 64; i++) {
            bytes.putFloat(digits[i % digits.length]);
        }
        return bytes.array();
    }

    private static byte[] csv(float[] digits, int rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(rows * 150);
        out.write(String.join(
                        ",", IntStream.range(0, 64).mapToObj(i -> "column" + i).toList())
                .getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < rows * 64; i++) {
            out.write(i % 64 == 0 ? '\n' : ',');
            out.writeBytes(Integer.toString((int) digits[i % digits.length]).getBytes(StandardCharsets.US_ASCII));
        }
        out.write('\n');
        return out.toByteArray();
    }
}
