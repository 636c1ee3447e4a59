package dev.tidemill.functions.model;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.graph.LoadException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model that is not what is declared is not served, and the message says why. */
class RefusedArtifactsTest {

    @TempDir
    Path folder;

    @Test
    void anotherDigest() {
        refused(
                Models.config(
                        Format.PyTorch,
                        Models.FOLDER.resolve("add_one.pt"),
                        "0".repeat(64),
                        Models.ADD_ONE_IN,
                        Models.ADD_ONE_OUT,
                        1),
                "DigestMismatch",
                "spec.source.sha256 is 0000");
    }

    @Test
    void aPickle() throws IOException {
        Path old = Files.write(folder.resolve("old.pt"), new byte[] {(byte) 0x80, 2, '}', '.'});

        refused(digits(Format.PyTorch, Models.FOLDER.resolve("pickle.pt")), "PickleRefused", "torch.jit.script");
        refused(digits(Format.PyTorch, old), "PickleRefused", "torch.jit.script");
    }

    @ParameterizedTest
    @CsvSource({"PyTorch,digits.pt", "ONNX,digits.onnx", "TensorFlow,digits.zip"})
    void halfAFile(Format format, String file) throws IOException {
        byte[] whole = Files.readAllBytes(Models.FOLDER.resolve(file));
        Path half = Files.write(folder.resolve(file), Arrays.copyOf(whole, whole.length / 2));

        refused(digits(format, half), "CorruptArtifact", "");
    }

    @Test
    void anArchiveThatLeadsOutOfItself() throws IOException {
        refused(digits(Format.TensorFlow, archive("../../evil")), "CorruptArtifact", "leads out of it");
    }

    @ParameterizedTest
    @CsvSource({"PyTorch,digits.pt", "ONNX,digits.onnx", "TensorFlow,digits.zip"})
    void anOutputOfAnotherShape(Format format, String file) {
        List<ModelSpec.Tensor> nine =
                List.of(Models.tensor("probabilities", Datatype.FP32, -1, 9), Models.DIGITS_OUT.getLast());

        refused(
                Models.config(format, Models.FOLDER.resolve(file), Models.DIGITS_IN, nine, 1),
                "SignatureMismatch",
                "declared as FP32 [-1, 9]");
    }

    @ParameterizedTest
    @CsvSource({"ONNX,digits.onnx", "TensorFlow,digits.zip"})
    void anInputThatTheGraphDoesNotHave(Format format, String file) {
        refused(
                Models.config(
                        format,
                        Models.FOLDER.resolve(file),
                        List.of(Models.tensor("pixels", Datatype.FP32, -1, 64)),
                        Models.DIGITS_OUT,
                        1),
                "SignatureMismatch",
                "the graph takes an input x");
    }

    @Test
    void aTypeThatTheEngineDoesNotExchange() {
        refused(
                Models.config(
                        Format.PyTorch,
                        Models.FOLDER.resolve("add_one.pt"),
                        List.of(Models.tensor("x", Datatype.UINT16, -1, 3)),
                        Models.ADD_ONE_OUT,
                        1),
                "DatatypeUnsupported",
                "x is UINT16");
    }

    @Test
    void aForwardThatGivesNoTensor() throws IOException {
        refused(forward("int", "1"), "SignatureMismatch", "forward gives something other than a tensor");
    }

    @Test
    void aDictionaryWithoutADeclaredOutput() throws IOException {
        refused(
                forward("Dict[str, Tensor]", "{\"z\": torch.add(x, 1)}"),
                "SignatureMismatch",
                "forward gives a dictionary without y, which spec.outputs declares; it has [z]");
    }

    @Test
    void anOutputOfATypeThatTheEngineDoesNotExchange() throws IOException {
        // 2 is int16.
        refused(
                forward("Tensor", "torch.to(x, 2)"),
                "DatatypeUnsupported",
                "output y comes out as a type which the PyTorch engine does not exchange");
    }

    private ModelConfig forward(String type, String expression) throws IOException {
        return Models.config(
                Format.PyTorch, Models.forward(folder, type, expression), Models.ADD_ONE_IN, Models.ADD_ONE_OUT, 1);
    }

    @Test
    void unsignedIntegersAndSequencesOfOnnx() {
        Path odd = Models.FOLDER.resolve("odd.onnx");
        List<ModelSpec.Tensor> in = List.of(Models.tensor("x", Datatype.FP32, -1, 2));

        refused(
                Models.config(Format.ONNX, odd, in, List.of(Models.tensor("y", Datatype.INT64, -1, 2)), 1),
                "DatatypeUnsupported",
                "output y is UINT64 in the graph");
        refused(
                Models.config(Format.ONNX, odd, in, List.of(Models.tensor("parts", Datatype.FP32, -1, 2)), 1),
                "DatatypeUnsupported",
                "output parts is SequenceInfo(");
    }

    @Test
    void aSavedModelOfTwoVersions() throws IOException {
        refused(
                digits(Format.TensorFlow, archive("digits/1/saved_model.pb", "digits/2/saved_model.pb")),
                "CorruptArtifact",
                "holds a saved_model.pb in each of [digits/1, digits/2]");
    }

    /** A ZIP with these files, of one byte each. */
    private Path archive(String... entries) throws IOException {
        Path zip = folder.resolve("archive.zip");
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            for (String entry : entries) {
                out.putNextEntry(new ZipEntry(entry));
                out.write(1);
            }
        }
        return zip;
    }

    private static ModelConfig digits(Format format, Path file) {
        return Models.config(format, file, Models.DIGITS_IN, Models.DIGITS_OUT, 1);
    }

    private static void refused(ModelConfig config, String reason, String words) {
        assertThatExceptionOfType(LoadException.class)
                .isThrownBy(() -> Models.load(config).close())
                .withMessageContaining(words)
                .extracting(LoadException::reason)
                .isEqualTo(reason);
    }
}
