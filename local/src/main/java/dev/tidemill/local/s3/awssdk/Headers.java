package dev.tidemill.local.s3.awssdk;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What an upload said of its object: the content's headers and the user's metadata. Kept beside the bytes in an extended
 * attribute of the file, where the file system has such; elsewhere forgotten, and the type is guessed from the name.
 */
record Headers(
        @Nullable String contentType,
        @Nullable String contentEncoding,
        @Nullable String contentDisposition,
        @Nullable String cacheControl,
        Map<String, String> metadata) {

    private static final String ATTRIBUTE = "tidemill.headers";
    private static final String DEFAULT_TYPE = "application/octet-stream";

    static Headers none() {
        return new Headers(null, null, null, null, Map.of());
    }

    void attachTo(Path file) {
        if (isDefault()) {
            return;
        }
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        if (view == null) {
            return;
        }
        try {
            view.write(ATTRIBUTE, StandardCharsets.UTF_8.encode(toText()));
        } catch (IOException | UnsupportedOperationException e) {
            return; // This file system has none.
        }
    }

    static Headers of(Path file) throws IOException {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        Headers kept = none();
        if (view != null) {
            try {
                ByteBuffer bytes = ByteBuffer.allocate(view.size(ATTRIBUTE));
                view.read(ATTRIBUTE, bytes);
                kept = fromText(StandardCharsets.UTF_8.decode(bytes.flip()).toString());
            } catch (IOException | UnsupportedOperationException e) {
                kept = none(); // It has none: the file was copied in, or the upload said nothing.
            }
        }
        if (kept.contentType() != null) {
            return kept;
        }
        String guessed = Files.probeContentType(file);
        return new Headers(
                guessed == null ? DEFAULT_TYPE : guessed,
                kept.contentEncoding(),
                kept.contentDisposition(),
                kept.cacheControl(),
                kept.metadata());
    }

    private boolean isDefault() {
        return (contentType == null || contentType.equals(DEFAULT_TYPE))
                && contentEncoding == null
                && contentDisposition == null
                && cacheControl == null
                && metadata.isEmpty();
    }

    String toText() {
        Properties text = new Properties();
        put(text, "Content-Type", contentType);
        put(text, "Content-Encoding", contentEncoding);
        put(text, "Content-Disposition", contentDisposition);
        put(text, "Cache-Control", cacheControl);
        metadata.forEach((name, value) -> text.setProperty("meta." + name, value));
        StringWriter out = new StringWriter();
        try {
            text.store(out, null);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toString();
    }

    static Headers fromText(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        Map<String, String> metadata = new LinkedHashMap<>();
        properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith("meta."))
                .forEach(name -> metadata.put(name.substring("meta.".length()), properties.getProperty(name)));
        return new Headers(
                properties.getProperty("Content-Type"),
                properties.getProperty("Content-Encoding"),
                properties.getProperty("Content-Disposition"),
                properties.getProperty("Cache-Control"),
                metadata);
    }

    private static void put(Properties text, String name, @Nullable String value) {
        if (value != null) {
            text.setProperty(name, value);
        }
    }
}
