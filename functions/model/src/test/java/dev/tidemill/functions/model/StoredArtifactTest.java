package dev.tidemill.functions.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.graph.LoadException;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.store.MinioServer;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import dev.tidemill.store.Stores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Artifacts that lie in a real MinIO. */
class StoredArtifactTest {

    private static final Path FILE = Models.FOLDER.resolve("digits.onnx");

    @TempDir
    private static Path data;

    private static MinioServer minio;
    private static ObjectClient store;

    @BeforeAll
    static void start() throws Exception {
        var program = MinioServer.binary();
        assumeThat(program)
                .as("not shown here: models are fetched from a real store; set MINIO_BINARY")
                .isPresent();
        minio = MinioServer.start(program.get(), data);
        store = Stores.connect(minio.config());
        store.createBucket("models");
    }

    @AfterAll
    static void stop() {
        if (minio != null) {
            store.close();
            minio.close();
        }
    }

    /** @return its ETag */
    private static String put(byte[] artifact) {
        return store.put("models", "digits.onnx", artifact, "application/octet-stream", Precondition.NONE)
                .etag();
    }

    /** @param sha256 that is declared, or null */
    private static ServedModel load(@Nullable String sha256) {
        return load(sha256, null);
    }

    private static ServedModel load(@Nullable String sha256, @Nullable String copy) {
        ModelConfig file = Models.config(Format.ONNX, FILE, sha256, Models.DIGITS_IN, Models.DIGITS_OUT, 8);
        return ServedModel.load(
                new ModelConfig(file.model(), null, copy, null, file.natives()), () -> Stores.connect(minio.config()));
    }

    private static long[] labels(ServedModel model) throws Exception {
        Tensor images = Models.npy("digits-x.npy", "x");
        return Models.longs(model.infer(List.of(images)).join().get(1));
    }

    @Test
    void isServedWhenItHasTheDeclaredDigestAndNotWhenItHasAnother() throws Exception {
        byte[] artifact = Files.readAllBytes(FILE);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(artifact));
        put(artifact);
        try (ServedModel model = load(digest)) {
            assertThat(labels(model)).isEqualTo(Models.longs(Models.npy("digits-onnx-label.npy", "label")));
            assertThat(model.version()).isEqualTo(digest.substring(0, 12));
        }
        String other = digest.replaceFirst(".", digest.startsWith("0") ? "1" : "0");
        assertThatThrownBy(() -> load(other))
                .isInstanceOfSatisfying(
                        LoadException.class, e -> assertThat(e.reason()).isEqualTo("DigestMismatch"))
                .hasMessageContainingAll("s3://models/digits.onnx", digest, other);
    }

    @Test
    void anObjectThatReplacesItIsRefusedIfItIsNoneAndWhatIsServedGoesOn() throws Exception {
        put(Files.readAllBytes(FILE));
        try (ServedModel model = load(null)) {
            long[] before = labels(model);
            put("no model at all".getBytes(UTF_8));
            assertThatThrownBy(() -> load(null))
                    .isInstanceOf(LoadException.class)
                    .hasMessageContaining("s3://models/digits.onnx");
            assertThat(labels(model)).isEqualTo(before);
        }
    }

    @Test
    void aCopyIsServedWhateverBecomesOfTheObjectAndIsCalledByItsName() throws Exception {
        byte[] artifact = Files.readAllBytes(FILE);
        store.copy("models", "digits.onnx", put(artifact), "models", "copies/digits");
        put("no model at all".getBytes(UTF_8));
        try (ServedModel model = load(null, "s3://models/copies/digits")) {
            assertThat(labels(model)).isEqualTo(Models.longs(Models.npy("digits-onnx-label.npy", "label")));
        }
        store.put("models", "copies/digits", new byte[9], "application/octet-stream", Precondition.NONE);
        assertThatThrownBy(() -> load(null, "s3://models/copies/digits"))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("s3://models/digits.onnx");
    }

    @Test
    void anObjectThatIsNotThereIsNamed() {
        store.delete("models", List.of("digits.onnx"));
        assertThatThrownBy(() -> load(null))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("s3://models/digits.onnx");
    }
}
