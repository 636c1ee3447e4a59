package dev.tidemill.profile.internal;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.codec.Codec;
import dev.tidemill.profile.internal.npy.NpyHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a source holds: its plain bytes and their format, {@link Format.Auto} settled.
 *
 * @param codec what the bytes were packed with; a packed source is read from its beginning or not at all
 */
public record Content(ByteSource source, Format format, Codec codec) {

    private static final int HEAD = 64 << 10;
    private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PARQUET_ENCRYPTED = "PARE".getBytes(StandardCharsets.US_ASCII);

    /** Looks at the first bytes where the format leaves something open. */
    public static Content of(ByteSource source, Format format) throws IOException {
        return switch (format) {
            case Format.Csv csv -> unpacked(source, format);
            case Format.JsonLines lines -> unpacked(source, format);
            case Format.Parquet parquet -> new Content(source, format, Codec.NONE);
            case Format.Npy npy -> new Content(source, format, Codec.NONE);
            case Format.Raw raw -> new Content(source, format, Codec.NONE);
            case Format.Auto auto -> {
                Content content = unpacked(source, format);
                byte[] head = head(content.source, HEAD);
                yield new Content(content.source, content.settle(head), content.codec);
            }
        };
    }

    /** Whether this is a run of records: CSV or JSON Lines. */
    public boolean isRecords() {
        return format instanceof Format.Csv || format instanceof Format.JsonLines;
    }

    private static Content unpacked(ByteSource source, Format format) throws IOException {
        Codec codec = Codec.of(head(source, Codec.MAGIC_BYTES));
        return new Content(codec == Codec.NONE ? source : new PackedSource(source, codec), format, codec);
    }

    private static byte[] head(ByteSource source, int bytes) throws IOException {
        try (InputStream in = source.open(0)) {
            return in.readNBytes(bytes);
        }
    }

    private Format settle(byte[] head) throws FormatException {
        if (startsWith(head, PARQUET) || startsWith(head, PARQUET_ENCRYPTED)) {
            return notPacked(new Format.Parquet(), "a Parquet file");
        }
        if (NpyHeader.isNpy(head)) {
            return notPacked(new Format.Npy(), "an NPY file");
        }
        if (isUtf16(head)) {
            throw new FormatException(source.name(), 1, 0, "this is UTF-16; convert the file to UTF-8");
        }
        for (byte b : head) {
            if (b == 0) {
                return new Format.Raw();
            }
        }
        return settleText(
                new String(head, StandardCharsets.UTF_8).replace("\uFEFF", "").stripLeading());
    }

    private Format settleText(String head) throws FormatException {
        if (head.startsWith("[") && head.substring(1).stripLeading().startsWith("{")) {
            throw new FormatException(
                    source.name(),
                    1,
                    0,
                    "this is one JSON array; write one object a line, without commas between (jq -c '.[]')");
        }
        String next = head.startsWith("{") ? head.substring(1).stripLeading() : "";
        return next.startsWith("\"") || next.startsWith("}") ? new Format.JsonLines() : Format.Csv.DEFAULT;
    }

    private Format notPacked(Format format, String what) throws FormatException {
        if (codec != Codec.NONE) {
            throw new FormatException(
                    source.name(),
                    -1,
                    0,
                    what + " cannot be read while it is packed; unpack it (it compresses its columns itself)");
        }
        return format;
    }

    private static boolean startsWith(byte[] head, byte[] magic) {
        return head.length >= magic.length && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
    }

    private static boolean isUtf16(byte[] head) {
        return head.length >= 2 && (head[0] == -1 && head[1] == -2 || head[0] == -2 && head[1] == -1);
    }
}
