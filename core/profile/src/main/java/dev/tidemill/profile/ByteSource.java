package dev.tidemill.profile;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An immutable run of bytes that can be opened anywhere: a file, an object, an array. Safe for concurrent use; each stream
 * belongs to whoever opened it.
 */
public interface ByteSource {

    /**
     * The name for messages: {@code orders.csv}, {@code s3://lake/orders.csv}. Ranges find together by it, so that it must be the same
     * for all ranges of one object and different for different objects.
     */
    String name();

    /** The number of bytes, or -1 when only reading to the end tells (a decompressed stream). */
    long size() throws IOException;

    /**
     * The bytes from {@code offset} to the end.
     *
     * @param offset counted from 0; at the end or beyond it the stream is empty
     */
    InputStream open(long offset) throws IOException;

    /** A file, named by its file name. */
    static ByteSource of(Path file) {
        return new ByteSource() {
            @Override
            public String name() {
                Path name = file.getFileName();
                return name == null ? file.toString() : name.toString();
            }

            @Override
            public long size() throws IOException {
                return Files.size(file);
            }

            @Override
            public InputStream open(long offset) throws IOException {
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                return Channels.newInputStream(channel.position(offset));
            }
        };
    }

    /** An array, which must not change any more. */
    static ByteSource of(String name, byte[] bytes) {
        return new ByteSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public InputStream open(long offset) {
                int from = (int) Math.min(offset, bytes.length);
                return new ByteArrayInputStream(bytes, from, bytes.length - from);
            }
        };
    }
}
