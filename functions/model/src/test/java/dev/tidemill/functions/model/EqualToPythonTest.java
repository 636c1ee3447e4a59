package dev.tidemill.functions.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
