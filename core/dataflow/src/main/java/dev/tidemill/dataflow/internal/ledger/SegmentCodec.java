package dev.tidemill.dataflow.internal.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A segment's bytes: JSON lines, the first of which says {@code ["tidemill", <version>, <type>]}, compressed where that pays. The
 * name is the hash of the lines before compression, so that another zlib does not change it.
 */
final class SegmentCodec {

    static final int VERSION = 1;
    private static final int WORTH_COMPRESSING = 4096;
    private static final int MAGIC = 0x1f;
    private static final JsonFactory JSON = new JsonFactory();

    private SegmentCodec() {}

    /** Collects entries and hands out the lines. */
    static final class Lines<T> {
        private final LineCodec<T> codec;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        private final JsonGenerator json;

        Lines(LineCodec<T> codec) {
            this.codec = codec;
            try {
                json = JSON.createGenerator(bytes).setPrettyPrinter(new MinimalPrettyPrinter("\n"));
                json.writeStartArray();
                json.writeString("tidemill");
                json.writeNumber(VERSION);
                json.writeString(codec.type());
                json.writeEndArray();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void add(T entry) {
            try {
                json.writeStartArray();
                codec.write(entry, json);
                json.writeEndArray();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        byte[] toBytes() {
            try {
                json.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    static byte[] compress(byte[] lines) {
        if (lines.length < WORTH_COMPRESSING) {
            return lines;
        }
        var compressed = new ByteArrayOutputStream(lines.length / 3);
        try (var gzip = new GZIPOutputStream(compressed, 1 << 16)) {
            gzip.write(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    static <T> List<T> decode(byte[] stored, LineCodec<T> codec, String address, String content) {
        byte[] lines = decompress(stored, address);
        String found = Digests.hex(lines);
        if (!found.equals(content)) {
            throw new CorruptRecordException(
                    address, "its content has the hash " + found + ", not the one in its name");
        }
        List<T> entries = new ArrayList<>();
        try (JsonParser json = JSON.createParser(lines)) {
            header(json, codec, address);
            while (json.nextToken() == JsonToken.START_ARRAY) {
                entries.add(codec.read(json));
                LineCodec.end(json);
            }
        } catch (IOException e) {
            throw new CorruptRecordException(address, "line " + (entries.size() + 2) + ": " + e.getMessage());
        }
        return entries;
    }

    private static void header(JsonParser json, LineCodec<?> codec, String address) throws IOException {
        if (!LineCodec.nextArray(json) || !LineCodec.text(json).equals("tidemill")) {
            throw new CorruptRecordException(address, "line 1: not a segment of Tidemill's ledger");
        }
        long version = LineCodec.number(json);
        if (version != VERSION) {
            throw new CorruptRecordException(
                    address, "line 1: written as version " + version + ", this Tidemill reads version " + VERSION);
        }
        String type = LineCodec.text(json);
        if (!type.equals(codec.type())) {
            throw new CorruptRecordException(address, "line 1: holds " + type + ", expected " + codec.type());
        }
        LineCodec.end(json);
    }

    private static byte[] decompress(byte[] stored, String address) {
        if (stored.length == 0 || stored[0] != MAGIC) {
            return stored;
        }
        try (var gzip = new GZIPInputStream(new ByteArrayInputStream(stored), 1 << 16)) {
            return gzip.readAllBytes();
        } catch (IOException e) {
            throw new CorruptRecordException(address, "cannot be decompressed: " + e.getMessage());
        }
    }
}
