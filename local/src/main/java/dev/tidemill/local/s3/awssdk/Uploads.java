package dev.tidemill.local.s3.awssdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Multipart uploads under way, each a directory of its parts. */
final class Uploads {

    private static final String ABOUT = "upload";

    private final Path directory;

    Uploads(Path directory) {
        this.directory = directory;
    }

    /** An upload that was begun. */
    record Upload(String id, String bucket, String key, Headers headers, Path directory) {

        Path part(int number) {
            return directory.resolve("%05d".formatted(number));
        }
    }

    Upload begin(String bucket, String key, Headers headers) throws IOException {
        String id = UUID.randomUUID().toString();
        Path home = Files.createDirectories(directory.resolve(id));
        Properties about = new Properties();
        about.setProperty("bucket", bucket);
        about.setProperty("key", key);
        about.setProperty("headers", headers.toText());
        try (var out = Files.newBufferedWriter(home.resolve(ABOUT))) {
            about.store(out, null);
        }
        return new Upload(id, bucket, key, headers, home);
    }

    Upload find(String id) throws IOException {
        Path home = directory.resolve(id);
        if (!id.matches("[0-9a-f-]{36}") || !Files.exists(home.resolve(ABOUT))) {
            throw S3Exception.builder()
                    .statusCode(404)
                    .message("there is no upload " + id)
                    .awsErrorDetails(AwsErrorDetails.builder()
                            .errorCode("NoSuchUpload")
                            .errorMessage("The specified multipart upload does not exist.")
                            .build())
                    .build();
        }
        Properties about = new Properties();
        try (var in = Files.newBufferedReader(home.resolve(ABOUT))) {
            about.load(in);
        }
        return new Upload(
                id,
                about.getProperty("bucket"),
                about.getProperty("key"),
                Headers.fromText(about.getProperty("headers")),
                home);
    }

    StoredFile addPart(Upload upload, int number, Path written) throws IOException {
        Path part = upload.part(number);
        Files.move(written, part, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        StoredFile stored = StoredFile.read(part, Integer.toString(number));
        if (stored == null) {
            throw S3Exceptions.invalidRequest("the upload was aborted meanwhile");
        }
        return stored;
    }

    /** The parts in their order; the key of each is its number. */
    List<StoredFile> parts(Upload upload) throws IOException {
        List<StoredFile> parts = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(upload.directory(), "[0-9]*")) {
            for (Path file : files) {
                int number = Integer.parseInt(String.valueOf(file.getFileName()));
                StoredFile part = StoredFile.read(file, Integer.toString(number));
                if (part != null) {
                    parts.add(part);
                }
            }
        }
        parts.sort((a, b) -> Integer.compare(Integer.parseInt(a.key()), Integer.parseInt(b.key())));
        return parts;
    }

    InputStream concatenated(List<Path> parts) throws IOException {
        List<InputStream> streams = new ArrayList<>();
        for (Path part : parts) {
            if (!Files.exists(part)) {
                throw S3Exceptions.invalidRequest("part " + part.getFileName() + " was never uploaded");
            }
            streams.add(new LazyStream(part));
        }
        return new SequenceInputStream(Collections.enumeration(streams));
    }

    void end(Upload upload) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(upload.directory())) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(upload.directory());
    }

    List<Upload> of(String bucket) throws IOException {
        List<Upload> uploads = new ArrayList<>();
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(directory)) {
            for (Path home : homes) {
                Upload upload = find(String.valueOf(home.getFileName()));
                if (upload.bucket().equals(bucket)) {
                    uploads.add(upload);
                }
            }
        }
        return uploads;
    }

    /** Opened when it is its turn: an upload may have ten thousand parts. */
    private static final class LazyStream extends InputStream {
        private final Path file;
        private InputStream in = InputStream.nullInputStream();
        private boolean open;

        LazyStream(Path file) {
            this.file = file;
        }

        private InputStream in() throws IOException {
            if (!open) {
                in = Files.newInputStream(file);
                open = true;
            }
            return in;
        }

        @Override
        public int read() throws IOException {
            return in().read();
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            return in().read(b, off, len);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
