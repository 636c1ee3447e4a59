package dev.tidemill.functions.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.IOException;
import java.util.List;
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
