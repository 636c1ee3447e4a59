package dev.tidemill.functions.model.graph;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectClient.ReadOptions;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A model's bytes in a folder of their own: fetched once, verified, and from then on independent of what becomes of the object.
 *
 * @param path the file, or the folder that a SavedModel was unpacked to
 * @param sha256 of the object
 * @param location of the object, for messages
 */
public record Artifact(Path folder, Path path, String sha256, String location) implements AutoCloseable {

    /** A SavedModel packed tighter than this is a bomb. */
    private static final long MOST_UNPACKED = 64L << 30;

    /**
     * Fetches an object.
     *
     * @param copy where a copy of it is read in its place, {@code s3://bucket/key}; null for the object itself
     */
    public static Artifact fetch(ModelSpec.Source source, @Nullable String copy, Format format, ObjectClient store) {
        String location = "s3://" + source.bucket() + "/" + source.key();
        String[] place = Objects.requireNonNullElse(copy, location)
                .substring("s3://".length())
                .split("/", 2);
        try (ObjectClient.ObjectBody body = store.get(place[0], place[1], ReadOptions.ALL)) {
            return copy(body.stream(), location, source.sha256(), format);
        } catch (StoreException e) {
            throw new LoadException("ArtifactUnreadable", location + ": " + e.getMessage(), e);
        }
    }

    /** Copies a file. */
    public static Artifact copy(Path file, ModelSpec.Source source, Format format) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return copy(bytes, file.toString(), source.sha256(), format);
        } catch (IOException e) {
            throw new LoadException("ArtifactUnreadable", "%s cannot be read: %s".formatted(file, e), e);
        }
    }

    private static Artifact copy(InputStream bytes, String location, @Nullable String wanted, Format format) {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("tidemill-model");
            Path file = folder.resolve(
                    format == Format.PyTorch ? "model.pt" : format == Format.ONNX ? "model.onnx" : "model.zip");
            DigestInputStream digested = new DigestInputStream(bytes, MessageDigest.getInstance("SHA-256"));
            Files.copy(digested, file);
            String sha256 = HexFormat.of().formatHex(digested.getMessageDigest().digest());
            if (wanted != null && !wanted.equals(sha256)) {
                throw new LoadException(
                        "DigestMismatch",
                        "%s has the SHA-256 %s, and spec.source.sha256 is %s: declare the digest of the model that is meant"
                                .formatted(location, sha256, wanted));
            }
            Path path = switch (format) {
                case PyTorch -> torchScript(file, location);
                case ONNX -> file;
                case TensorFlow -> savedModel(file, folder.resolve("model"), location);
            };
            return new Artifact(folder, path, sha256, location);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        } catch (IOException e) {
            delete(folder);
            throw new UncheckedIOException("cannot copy " + location, e);
        } catch (RuntimeException e) {
            delete(folder);
            throw e;
        }
    }

    /** TorchScript has code and constants beside its weights; a pickle may run any program when it is loaded. */
    private static Path torchScript(Path file, String location) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] magic = in.readNBytes(2);
            // Opcode PROTO of pickle's protocol 2 and later: what torch.save wrote before it wrote archives.
            if (magic.length == 2 && magic[0] == (byte) 0x80) {
                throw pickle(location);
            }
        }
        try (ZipFile archive = new ZipFile(file.toFile())) {
            List<String> names = archive.stream().map(ZipEntry::getName).toList();
            boolean script = names.stream().anyMatch(name -> name.endsWith("/constants.pkl"))
                    && names.stream().anyMatch(name -> name.contains("/code/"));
            if (!script && names.stream().anyMatch(name -> name.endsWith(".pkl"))) {
                throw pickle(location);
            }
            if (!script) {
                throw new LoadException(
                        "CorruptArtifact",
                        location + " is an archive without TorchScript's code: save it by torch.jit.save");
            }
            return file;
        } catch (ZipException e) {
            throw new LoadException(
                    "CorruptArtifact",
                    "%s is no TorchScript archive (%s): save it by torch.jit.save, and copy it whole"
                            .formatted(location, e.getMessage()),
                    e);
        }
    }

    private static LoadException pickle(String location) {
        return new LoadException(
                "PickleRefused",
                location
                        + " is a pickle, and loading one may run any program: save the module by torch.jit.script(module).save(…)");
    }

    private static Path savedModel(Path zip, Path folder, String location) throws IOException {
        long unpacked = 0;
        try (ZipFile archive = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : archive.stream().toList()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new LoadException(
                            "CorruptArtifact",
                            "%s holds \"%s\", which leads out of it".formatted(location, entry.getName()));
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(target.getParent());
                try (InputStream in = archive.getInputStream(entry);
                        OutputStream out = Files.newOutputStream(target)) {
                    byte[] buffer = new byte[1 << 16];
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        unpacked += n;
                        if (unpacked > MOST_UNPACKED) {
                            throw new LoadException("CorruptArtifact", location + " unpacks to more than 64 GiB");
                        }
                        out.write(buffer, 0, n);
                    }
                }
            }
        } catch (ZipException e) {
            throw new LoadException(
                    "CorruptArtifact",
                    "%s is no zip archive (%s): pack the SavedModel's folder into one"
                            .formatted(location, e.getMessage()),
                    e);
        }
        Files.delete(zip);
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> saved = files.filter(file -> file.endsWith("saved_model.pb"))
                    .map(Path::getParent)
                    .sorted()
                    .toList();
            if (saved.size() != 1) {
                throw new LoadException(
                        "CorruptArtifact",
                        "%s holds %s: pack the folder that tf.saved_model.save wrote"
                                .formatted(
                                        location,
                                        saved.isEmpty()
                                                ? "no saved_model.pb"
                                                : "a saved_model.pb in each of "
                                                        + saved.stream()
                                                                .map(folder::relativize)
                                                                .toList()));
            }
            return saved.getFirst();
        }
    }

    /** Removes the copy; engines have read what they need when they have loaded it. */
    @Override
    public void close() {
        delete(folder);
    }

    private static void delete(@Nullable Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
