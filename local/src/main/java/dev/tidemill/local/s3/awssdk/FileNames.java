package dev.tidemill.local.s3.awssdk;

import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a key as file names. Nearly every segment is its own name; one that no file can have ({@code ""}, {@code .},
 * {@code ..}) or that this machine's file names cannot carry is written as {@code .~} and its percent-encoding. A name that begins
 * so and is not of that form is no object: temporary files hide there.
 */
final class FileNames {

    static final String ESCAPE = ".~";

    private static final int LONGEST = 255;

    /** Java turns what the locale's charset cannot carry into question marks, or refuses it. */
    private static final boolean UNICODE =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")).equals(StandardCharsets.UTF_8);

    private FileNames() {}

    static String ofSegment(String segment) {
        String name = isPlain(segment) ? segment : ESCAPE + percentEncoded(segment);
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw S3Exceptions.invalidRequest(
                    "A directory holds names of up to 255 bytes; this part of the key is longer: "
                            + segment.substring(0, Math.min(segment.length(), 40)) + "…");
        }
        return name;
    }

    /** The segment of that file name, or null if it names no object. */
    static @Nullable String toSegment(String name) {
        if (!name.startsWith(ESCAPE)) {
            return name;
        }
        try {
            String segment = URLDecoder.decode(name.substring(ESCAPE.length()), StandardCharsets.UTF_8);
            return ofSegment(segment).equals(name) ? segment : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean isPlain(String segment) {
        return !segment.isEmpty()
                && !segment.equals(".")
                && !segment.equals("..")
                && !segment.startsWith(ESCAPE)
                && segment.chars().allMatch(c -> c != 0 && (c < 0x80 || UNICODE));
    }

    private static String percentEncoded(String segment) {
        StringBuilder s = new StringBuilder();
        for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean unreserved = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '_'
                    || c == '.'
                    || c == '~';
            s.append(unreserved ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return s.toString();
    }
}
