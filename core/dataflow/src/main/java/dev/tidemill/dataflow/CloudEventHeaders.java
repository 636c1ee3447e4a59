package dev.tidemill.dataflow;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Context attributes as header values: CloudEvents HTTP Protocol Binding 1.0.2, 3.1.3.2. Object keys go in here, so whatever an
 * author of keys thinks of must come out again as it was, and must never end the header.
 */
public final class CloudEventHeaders {

    private CloudEventHeaders() {}

    /** Percent-encodes all but printable ASCII, and of that space, double quote and percent. */
    static String encode(String value) {
        if (value.chars().allMatch(CloudEventHeaders::isPlain)) {
            return value;
        }
        var encoded = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    /** Undoes {@link #encode}; a percent sign without two hexadecimal digits stands for itself, as other senders write it. */
    public static String decode(String value) {
        if (value.indexOf('%') < 0) {
            return value;
        }
        var bytes = new ByteArrayOutputStream();
        byte[] from = value.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < from.length; i++) {
            if (from[i] == '%' && i + 2 < from.length && isHex(from[i + 1]) && isHex(from[i + 2])) {
                bytes.write(HexFormat.fromHexDigit(from[i + 1]) << 4 | HexFormat.fromHexDigit(from[i + 2]));
                i += 2;
            } else {
                bytes.write(from[i]);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean isPlain(int c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '%';
    }

    private static boolean isHex(byte b) {
        return HexFormat.isHexDigit(b);
    }
}
