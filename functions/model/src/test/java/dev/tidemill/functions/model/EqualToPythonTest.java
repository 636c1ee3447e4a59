package dev.tidemill.functions.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.functions.model.tensor.TextElements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each engine computes here is what it computes in Python, and what scikit-learn computes with the same weights. */
class EqualToPythonTest {

    @ParameterizedTest
    @CsvSource({"PyTorch,add_one.pt", "ONNX,add_one.onnx", "TensorFlow,add_one.zip"})
    void addsOne(Format format, String file) {
        try (ServedModel model = Models.load(
                Models.config(format, Models.FOLDER.resolve(file), Models.ADD_ONE_IN, Models.ADD_ONE_OUT, 8))) {
            Tensor y = model.infer(List.of(Models.floats("x", new long[] {2, 3}, 0, -1, 1.5f, 3e7f, 1e-7f, 41)))
                    .join()
                    .getFirst();

            assertThat(y.shape()).containsExactly(2, 3);
            assertThat(Models.floats(y)).containsExactly(1, 0, 2.5f, 3e7f + 1, 1e-7f + 1, 42);
        }
    }

    @Test
    void aSumOfEverythingHasNoDimensions(@TempDir Path folder) throws IOException {
        Path sum = Models.forward(folder, "Tensor", "torch.sum(x)");
        List<ModelSpec.Tensor> total = List.of(Models.tensor("total", Datatype.FP32));
        try (ServedModel model = Models.load(Models.config(Format.PyTorch, sum, Models.ADD_ONE_IN, total, 8))) {
            Tensor given = model.infer(List.of(Models.floats("x", new long[] {2, 3}, 1, 2, 3, 4, 5, 6)))
                    .join()
                    .getFirst();

            assertThat(given.shape()).isEmpty();
            assertThat(Models.floats(given)).containsExactly(21);
        }
    }

    /** From memory of Java's and from native memory: requests come in both, and the engine's API takes them by different ways. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyTypeOfOnnxComesBackAsItWent(boolean direct) {
        List<Tensor> given = Stream.of(
                        Datatype.BOOL,
                        Datatype.UINT8,
                        Datatype.INT8,
                        Datatype.INT16,
                        Datatype.INT32,
                        Datatype.INT64,
                        Datatype.FP16,
                        Datatype.BF16,
                        Datatype.FP32,
                        Datatype.FP64,
                        Datatype.BYTES)
                .map(type -> some(type, direct))
                .toList();
        try (ServedModel model = Models.load(Models.config(
                Format.ONNX,
                Models.FOLDER.resolve("identity.onnx"),
                declared("in_", given),
                declared("out_", given),
                4))) {
            assertThat(model.infer(given).join())
                    .isEqualTo(given.stream()
                            .map(tensor -> tensor.named("out_" + tensor.datatype()))
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d\ude00", "a\0b", "a byte that is not UTF-8: \u00ff"})
    void aTextThatOnnxRuntimeWouldTakeForAnotherIsRefused(String text) {
        List<ModelSpec.Tensor> in = List.of(Models.tensor("text", Datatype.BYTES, -1));
        byte[] bytes = text.getBytes(text.endsWith("\u00ff") ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        Tensor texts = new Tensor("text", Datatype.BYTES, new long[] {1}, TextElements.of(List.of(bytes)));
        try (ServedModel model = Models.load(Models.config(
                Format.ONNX,
                Models.FOLDER.resolve("texts.onnx"),
                in,
                List.of(Models.tensor("same", Datatype.BYTES, -1)),
                4))) {
            assertThat(model.infer(List.of(texts)))
                    .failsWithin(1, TimeUnit.MINUTES)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(TensorException.class)
                    .withMessageContaining("input text: ONNX Runtime takes texts");
        }
    }

    @Test
    void bytesOfTensorFlowAreNotTakenForText() {
        byte[] jpeg = {(byte) 0xFF, (byte) 0xD8, 0, 'a'};
        Tensor bytes = new Tensor("bytes", Datatype.BYTES, new long[] {1}, TextElements.of(List.of(jpeg)));
        try (ServedModel model = Models.load(Models.config(
                Format.TensorFlow,
                Models.FOLDER.resolve("bytes.zip"),
                List.of(Models.tensor("bytes", Datatype.BYTES, -1)),
                List.of(Models.tensor("same", Datatype.BYTES, -1)),
                4))) {
            assertThat(TextElements.read(model.infer(List.of(bytes)).join().getFirst()))
                    .containsExactly(jpeg);
        }
    }

    private static Tensor some(Datatype datatype, boolean direct) {
        long[] shape = {1, 2};
        ByteBuffer data = datatype == Datatype.BYTES
                ? TextElements.ofStrings(new String[] {"ä", ""})
                : ByteBuffer.wrap(new byte[] {1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1})
                        .slice(0, 2 * Tensor.width(datatype));
        return new Tensor(
                "in_" + datatype,
                datatype,
                shape,
                direct ? Tensor.allocate(data.limit()).put(0, data, 0, data.limit()) : data);
    }

    private static List<ModelSpec.Tensor> declared(String prefix, List<Tensor> tensors) {
        return tensors.stream()
                .map(tensor -> Models.tensor(prefix + tensor.datatype(), tensor.datatype(), -1, 2))
                .toList();
    }

    /** A detector of speech that takes a number, keeps a state from call to call and a view of its input, as PyPI ships it. */
    @Test
    void hearsSpeechAsPythonDoes() throws Exception {
        Path detector = Venv.of("silero", "that silero-vad hears what it hears in Python")
                .packaged("silero_vad/data/silero_vad.jit");
        List<ModelSpec.Tensor> inputs =
                List.of(Models.tensor("x", Datatype.FP32, -1, -1), Models.tensor("sr", Datatype.INT64, 1));
        List<ModelSpec.Tensor> outputs = List.of(Models.tensor("speech", Datatype.FP32, -1, 1));
        Tensor x = Models.npy("silero-x.npy", "x");
        float[] expected = Models.floats(Models.npy("silero-probabilities.npy", ""));
        try (ServedModel model = Models.load(Models.config(Format.PyTorch, detector, inputs, outputs, 1))) {
            // Another rate resets it.
            model.infer(List.of(Models.floats("x", new long[] {1, 256}, new float[256]), rate(8_000)))
                    .join();
            for (int piece = 0; piece < expected.length; piece++) {
                Tensor heard = model.infer(List.of(x.slice(piece, 1), rate(16_000)))
                        .join()
                        .getFirst();
                assertThat(Models.floats(heard)[0]).as("piece %d", piece).isCloseTo(expected[piece], within(1e-5f));
            }
        }
    }

    @Test
    void aNumberIsNotTakenForZeroWhereAGraphRefusesThat() throws Exception {
        Path detector = Venv.of("silero", "that silero-vad takes its rate").packaged("silero_vad/data/silero_vad.jit");
        List<ModelSpec.Tensor> inputs =
                List.of(Models.tensor("x", Datatype.FP32, -1, 512), Models.tensor("sr", Datatype.INT64, 1));
        List<ModelSpec.Tensor> outputs = List.of(Models.tensor("speech", Datatype.FP32, -1, 1));
        try (ServedModel model = Models.load(Models.config(Format.PyTorch, detector, inputs, outputs, 1))) {
            Tensor x = Models.npy("silero-x.npy", "x");
            assertThat(model.infer(List.of(x.slice(0, 1), rate(16_000)))
                            .join()
                            .getFirst()
                            .shape())
                    .containsExactly(1, 1);
        }
    }

    private static Tensor rate(long hertz) {
        return new Tensor(
                "sr", Datatype.INT64, new long[] {1}, Tensor.allocate(8).putLong(0, hertz));
    }

    /** A transformer over bytes, in sentences of all lengths: together with their padding, and each alone without. */
    @ParameterizedTest
    @CsvSource({"PyTorch,encoder.pt,torch", "ONNX,encoder.onnx,onnx"})
    void encodesSentencesAsPythonDoes(Format format, String file, String engine) throws IOException {
        List<ModelSpec.Tensor> inputs =
                List.of(Models.tensor("tokens", Datatype.INT64, -1, -1), Models.tensor("mask", Datatype.INT64, -1, -1));
        List<ModelSpec.Tensor> outputs = List.of(Models.tensor("embedding", Datatype.FP32, -1, 32));
        Tensor tokens = Models.npy("encoder-tokens.npy", "tokens");
        Tensor mask = Models.npy("encoder-mask.npy", "mask");
        int sentences = (int) tokens.shape()[0];
        float[] expected = Models.floats(Models.npy("encoder-" + engine + ".npy", ""));
        float[] others = Models.floats(Models.npy("encoder-torch.npy", ""));
        try (ServedModel model =
                Models.load(Models.config(format, Models.FOLDER.resolve(file), inputs, outputs, sentences))) {
            float[] together =
                    Models.floats(model.infer(List.of(tokens, mask)).join().getFirst());
            assertThat(together).hasSize(sentences * 32).hasSameSizeAs(expected);
            for (int i = 0; i < together.length; i++) {
                assertThat(together[i]).as("element %d", i).isCloseTo(expected[i], within(1e-5f));
                assertThat(together[i]).as("element %d", i).isCloseTo(others[i], within(1e-5f));
            }
            for (int sentence = 0; sentence < sentences; sentence++) {
                int bytes = (int) Math.max(
                        1, Arrays.stream(Models.longs(mask.slice(sentence, 1))).sum());
                float[] alone =
                        Models.floats(model.infer(List.of(cut(tokens, sentence, bytes), cut(mask, sentence, bytes)))
                                .join()
                                .getFirst());
                for (int i = 0; i < 32; i++) {
                    assertThat(alone[i])
                            .as("sentence %d", sentence)
                            .isCloseTo(expected[32 * sentence + i], within(1e-5f));
                }
            }
        }
    }

    /** The first columns of one row. */
    private static Tensor cut(Tensor tensor, int row, int columns) {
        ByteBuffer bytes = Tensor.allocate(8 * columns);
        Arrays.stream(Models.longs(tensor.slice(row, 1))).limit(columns).forEach(bytes::putLong);
        return new Tensor(tensor.name(), tensor.datatype(), new long[] {1, columns}, bytes.flip());
    }

    @ParameterizedTest
    @CsvSource({"PyTorch,digits.pt,torch", "ONNX,digits.onnx,onnx", "TensorFlow,digits.zip,tensorflow"})
    void classifiesDigitsAsPythonDoes(Format format, String file, String engine) throws IOException {
        try (ServedModel model = Models.load(
                Models.config(format, Models.FOLDER.resolve(file), Models.DIGITS_IN, Models.DIGITS_OUT, 97))) {
            List<Tensor> outputs =
                    model.infer(List.of(Models.npy("digits-x.npy", "x"))).join();

            for (String oracle : List.of(engine, "sklearn")) {
                float[] expected = Models.floats(Models.npy("digits-" + oracle + "-probabilities.npy", ""));
                float[] given = Models.floats(outputs.getFirst());
                assertThat(given).hasSize(97 * 10).hasSameSizeAs(expected);
                for (int i = 0; i < given.length; i++) {
                    assertThat(given[i]).as("%s, element %d", oracle, i).isCloseTo(expected[i], within(1e-5f));
                }
                assertThat(Models.longs(outputs.getLast()))
                        .containsExactly(Models.longs(Models.npy("digits-" + oracle + "-label.npy", "")));
            }
        }
    }
}
