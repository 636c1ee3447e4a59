package dev.tidemill.functions.model.event;

import com.sun.management.OperatingSystemMXBean;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.OutputTarget;
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
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Batch scoring against the engine alone: {@code MODEL.onnx|MODEL.pt ROWS ROUNDS [WAY]}. The table has scikit-learn's digits again and again, as NPY,
 * Parquet (DuckDB's, of floats), CSV and JSON Lines, in a store in memory; the predictions go to a file. The engine alone gets tensors of as many rows out of an array that is there.
 * By turns; prints rows a second, the medians of the rounds, and the ratios.
 */
public final class ScoringBenchmark {

    private static final int BATCH = 1_024;

    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** From what, to what. */
    private record Way(DataFormat.Type from, DataFormat.Type to) {
        @Override
        public String toString() {
            return from + " to " + to;
        }
    }

    private static final List<Way> WAYS = Stream.of(
                    DataFormat.Type.Npy, DataFormat.Type.Parquet, DataFormat.Type.Csv, DataFormat.Type.JsonLines)
            .flatMap(from -> Stream.of(DataFormat.Type.Npy, DataFormat.Type.Csv, DataFormat.Type.JsonLines)
                    .map(to -> new Way(from, to)))
            .toList();

    private ScoringBenchmark() {}

    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        int rows = Integer.parseInt(args[1]);
        int rounds = Integer.parseInt(args[2]);
        List<Way> ways = WAYS.stream()
                .filter(way -> args.length < 4 || way.toString().equals(args[3]))
                .toList();
        if (ways.isEmpty()) {
            throw new IllegalArgumentException("no way is " + args[3] + "; there are " + WAYS);
        }
        ModelConfig config = Models.config(
                file.toString().endsWith(".pt") ? ModelSpec.Format.PyTorch : ModelSpec.Format.ONNX,
                file,
                List.of(new ModelSpec.Tensor("x", Datatype.FP32, List.of(-1L, 64L), List.of("column*"))),
                Models.DIGITS_OUT,
                BATCH);
        float[] digits = Models.floats(Models.npy("digits-x.npy", "x"));
        ObjectClient store = new MemoryStore().client();
        store.createBucket("lake");
        Map<DataFormat.Type, ObjectRange> tables = new EnumMap<>(DataFormat.Type.class);
        for (Way way : ways) {
            if (!tables.containsKey(way.from())) {
                tables.put(way.from(), put(store, "digits." + way.from(), table(way.from(), digits, rows)));
            }
        }
        Tensor table = tensor(digits, rows);
        Path predictions = Files.createTempFile("predictions", "");
        try (Graph graph = Graph.load(config.model().spec(), file, Models.NATIVES);
                ServedModel model = Models.load(config)) {
            double[] engine = new double[rounds];
            double[][] scoring = new double[ways.size()][rounds];
            double[][] processors = new double[ways.size()][rounds];
            for (int round = -1; round < rounds; round++) {
                int kept = Math.max(0, round);
                engine[kept] = engine(graph, table);
                for (int way = 0; way < ways.size(); way++) {
                    long busy = PROCESS.getProcessCpuTime();
                    scoring[way][kept] = score(
                            model,
                            store,
                            Objects.requireNonNull(tables.get(ways.get(way).from())),
                            ways.get(way).to(),
                            predictions);
                    processors[way][kept] = (PROCESS.getProcessCpuTime() - busy) / 1e9;
                }
            }
            double alone = median(engine);
            print("the engine alone", rows, alone, alone);
            for (int way = 0; way < ways.size(); way++) {
                print(ways.get(way).toString(), rows, median(scoring[way]), alone);
                System.out.printf("%37.0f ns of processors a row%n", 1e9 * median(processors[way]) / rows);
            }
        } finally {
            Files.delete(predictions);
        }
    }

    private static void print(String what, int rows, double seconds, double engine) {
        System.out.printf("%-18s %,14.0f rows/s   %.2f of the engine%n", what, rows / seconds, engine / seconds);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** One tensor after the other out of all rows, as a loop in Python goes through an array. */
    private static double engine(Graph graph, Tensor table) {
        long begin = System.nanoTime();
        for (long done = 0; done < table.rows(); done += BATCH) {
            graph.run(List.of(table.slice(done, Math.min(BATCH, table.rows() - done))))
                    .close();
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static byte[] table(DataFormat.Type format, float[] digits, int rows) throws IOException {
        return switch (format) {
            case Npy -> npy(digits, rows);
            case Parquet -> parquet(digits, rows);
            case Csv -> csv(digits, rows);
            case JsonLines -> jsonLines(digits, rows);
            case Auto, Image, Raw -> throw new IllegalArgumentException("no way begins with " + format);
        };
    }

    private static Tensor tensor(float[] digits, int rows) {
        ByteBuffer data = Tensor.allocate(rows * 256L);
        for (int i = 0; i < rows * 64; i++) {
            data.putFloat(digits[i % digits.length]);
        }
        return new Tensor("x", Datatype.FP32, new long[] {rows, 64}, data.flip());
    }

    private static double score(
            ServedModel model, ObjectClient store, ObjectRange table, DataFormat.Type to, Path predictions)
            throws IOException {
        S3Prefix binding = new S3Prefix("AWS_S3_Prefix", "lake", "", 1, 0, null, List.of(table));
        OutputTarget output = new OutputTarget("lake", "scored/", "digits", to);
        // A shard's file is new: giving back the pages of the round before is no part of scoring.
        Files.write(predictions, new byte[0]);
        long begin = System.nanoTime();
        new Scoring(model, store).score(new ShardData("model/digits", Map.of("in", binding), output), predictions);
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

    private static byte[] parquet(float[] digits, int rows) throws IOException {
        Path folder = Files.createTempDirectory("digits");
        Path csv = Files.write(folder.resolve("digits.csv"), csv(digits, rows));
        Path file = folder.resolve("digits.parquet");
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement()) {
            statement.execute(
                    "COPY (SELECT COLUMNS(*)::FLOAT FROM '%s') TO '%s' (FORMAT parquet)".formatted(csv, file));
            return Files.readAllBytes(file);
        } catch (SQLException e) {
            throw new IOException(e);
        } finally {
            Files.deleteIfExists(csv);
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    private static byte[] jsonLines(float[] digits, int rows) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(rows * 900);
        for (int i = 0; i < rows * 64; i++) {
            String value = (i % 64 == 0 ? "{\"column" : ",\"column") + i % 64 + "\":" + (int) digits[i % digits.length];
            out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
            if (i % 64 == 63) {
                out.writeBytes(new byte[] {'}', '\n'});
            }
        }
        return out.toByteArray();
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
