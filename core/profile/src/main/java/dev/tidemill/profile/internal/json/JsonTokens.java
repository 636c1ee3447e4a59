package dev.tidemill.profile.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.Lines;
import dev.tidemill.profile.internal.text.Hash;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;

/** Goes over the bytes of a chunk token by token; every token lies on one line. */
final class JsonTokens {
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    private static final long LINE_FEEDS = '\n' * ONES;
    private static final long BEHIND_SPACES = (' ' + 1) * ONES;
    private static final long COMMAS = ',' * ONES;
    /** What a closing bracket is made a closing brace by. */
    private static final long CASES = ('}' ^ ']') * ONES;

    private static final long BRACES = '}' * ONES;

    private static final byte[][] LITERALS = Stream.of("true", "false", "null", "NaN", "Infinity", "-Infinity")
            .map(text -> text.getBytes(UTF_8))
            .toArray(byte[][]::new);

    private final ByteSource source;
    private final Chunk chunk;
    int at;

    JsonTokens(ByteSource source, Chunk chunk) {
        this.source = source;
        this.chunk = chunk;
    }

    /** Begins with a chunk that was filled, and ends it by a line feed, so that no token goes on behind it. */
    void begin() {
        at = chunk.from;
        chunk.bytes[chunk.to] = '\n';
    }

    boolean atEnd() {
        return at >= chunk.to;
    }

    /** Skips white space, line ends included; false at the end of the chunk. */
    boolean skipSpace() {
        byte[] bytes = chunk.bytes;
        while (at < chunk.to && bytes[at] <= ' ' && bytes[at] >= 0) {
            at++;
        }
        return at < chunk.to;
    }

    /** The first byte that is no space. */
    byte peek() throws IOException {
        byte[] bytes = chunk.bytes;
        while (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r') {
            at++;
        }
        if (bytes[at] == '\n') {
            throw error(at, "the line ends within its object; write each object on one line");
        }
        return bytes[at];
    }

    void expect(char c) throws IOException {
        if (peek() != c) {
            throw error(at, "'" + c + "' must stand here");
        }
        at++;
    }

    /** Goes behind the line's end, before which there may be nothing but space. */
    void endOfLine() throws IOException {
        byte[] bytes = chunk.bytes;
        while (bytes[at] != '\n') {
            if (bytes[at] > ' ' || bytes[at] < 0) {
                throw error(at, "more text follows the object; write one object a line");
            }
            at++;
        }
    }

    /** Goes behind a number or a literal and returns its length. */
    int plain() throws IOException {
        byte[] bytes = chunk.bytes;
        int start = at;
        at = plainEnd(bytes, start);
        int length = at - start;
        byte first = bytes[start];
        boolean number = (first >= '0' && first <= '9') || (first == '-' && length > 1 && bytes[start + 1] <= '9');
        if (!number && !isLiteral(start, length)) {
            throw error(start, "a JSON value must stand here; texts need double quotes");
        }
        return length;
    }

    /** Where the number or literal ends that begins here. */
    static int plainEnd(byte[] bytes, int start) {
        int end = start + 1;
        if (bytes[end] == ',') {
            // A digit is what most numbers are that are many.
            return end;
        }
        long found = plainEnds(bytes, end);
        while (found == 0) {
            end += Long.BYTES;
            found = plainEnds(bytes, end);
        }
        return end + (Long.numberOfTrailingZeros(found) >> 3);
    }

    /** Marks the first of eight bytes that is no part of a number or literal: a space, a comma, a closing bracket, no ASCII. */
    private static long plainEnds(byte[] bytes, int at) {
        long word = Hash.load(bytes, at);
        return (word - BEHIND_SPACES | word) & HIGH_BITS | zeros(word ^ COMMAS) | zeros((word | CASES) ^ BRACES);
    }

    private boolean isLiteral(int start, int length) {
        for (byte[] literal : LITERALS) {
            if (Arrays.equals(chunk.bytes, start, start + length, literal, 0, literal.length)) {
                return true;
            }
        }
        return false;
    }

    /** Goes behind an object or an array and returns its length. */
    int nested() throws IOException {
        byte[] bytes = chunk.bytes;
        int start = at;
        int depth = 0;
        while (at < chunk.to) {
            byte b = bytes[at];
            if (b == '"') {
                at++;
                while (at < chunk.to && bytes[at] != '"' && bytes[at] != '\n') {
                    at += bytes[at] == '\\' ? 2 : 1;
                }
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (b == '}' || b == ']') {
                depth--;
                if (depth == 0) {
                    at++;
                    return at - start;
                }
            }
            if (at < chunk.to && bytes[at] == '\n') {
                break;
            }
            at++;
        }
        throw error(start, "what is opened here is not closed on this line");
    }

    /** Goes behind a string, whose escapes are replaced in place, and returns the length of its content. */
    int string() throws IOException {
        byte[] bytes = chunk.bytes;
        int start = at + 1;
        int end = start;
        long found = found(bytes, end);
        while (found == 0) {
            end += Long.BYTES;
            found = found(bytes, end);
        }
        at = end + (Long.numberOfTrailingZeros(found) >> 3);
        int write = at;
        while (at < chunk.to) {
            byte b = bytes[at];
            if (b == '"') {
                at++;
                return write - start;
            }
            if (b == '\\') {
                write = escape(write);
            } else if (b == '\n') {
                break;
            } else {
                bytes[write++] = b;
                at++;
            }
        }
        throw error(start - 1, "quote opened here is not closed on this line");
    }

    /** Marks the first of eight bytes that ends a string or begins an escape; 0 where none does. */
    private static long found(byte[] bytes, int at) {
        long word = Hash.load(bytes, at);
        return zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES) | zeros(word ^ LINE_FEEDS);
    }

    /** The highest bit of each byte that is zero; above the first of them perhaps of others too. */
    private static long zeros(long word) {
        return word - ONES & ~word & HIGH_BITS;
    }

    private int escape(int write) throws IOException {
        byte[] bytes = chunk.bytes;
        int start = at;
        byte kind = at + 1 < chunk.to ? bytes[at + 1] : 0;
        at += 2;
        byte replacement = switch (kind) {
            case '"', '\\', '/' -> kind;
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> 0;
            default -> throw error(start, "no such escape in JSON");
        };
        if (kind != 'u') {
            bytes[write] = replacement;
            return write + 1;
        }
        int code = hex(start);
        if (Character.isHighSurrogate((char) code) && at + 1 < chunk.to && bytes[at] == '\\' && bytes[at + 1] == 'u') {
            int second = at;
            at += 2;
            int low = hex(second);
            if (!Character.isLowSurrogate((char) low)) {
                throw error(second, "half of a surrogate pair");
            }
            code = Character.toCodePoint((char) code, (char) low);
        } else if (Character.isSurrogate((char) code)) {
            throw error(start, "half of a surrogate pair");
        }
        byte[] encoded = Character.toString(code).getBytes(UTF_8);
        System.arraycopy(encoded, 0, bytes, write, encoded.length);
        return write + encoded.length;
    }

    private int hex(int escape) throws IOException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < chunk.to ? Character.digit(chunk.bytes[at++], 16) : -1;
            if (digit < 0) {
                throw error(escape, "four hexadecimal digits must follow \\u");
            }
            code = code << 4 | digit;
        }
        return code;
    }

    FormatException error(int where, String problem) throws IOException {
        return Lines.error(source, chunk.position(where), problem);
    }
}
