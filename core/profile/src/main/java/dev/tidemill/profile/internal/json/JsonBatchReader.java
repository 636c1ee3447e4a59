package dev.tidemill.profile.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.ChunkSource;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.ColumnVector.Inference;
import dev.tidemill.profile.internal.ColumnVector.JsonKind;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.Lines;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.text.Utf8;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines of JSON objects as batches of text columns. A column holds the texts of numbers and of {@code true} and {@code false},
 * the content of strings, or the JSON text of nested values; which of them it was decides how much the text says about the type.
 * {@code NaN}, {@code Infinity} and {@code -Infinity} count as numbers, since Python writes them. Of a key that comes twice in an
 * object the last one counts.
 */
final class JsonBatchReader implements BatchReader {
    private static final int ROWS = 1024;
    private static final int MOST_COLUMNS = 20_000;
    private static final int PLAIN = 1 << JsonKind.PLAIN.ordinal();
    private static final int STRING = 1 << JsonKind.STRING.ordinal();

    private final ByteSource source;
    private final ChunkSource chunks;
    private final Kernels kernels;
    private final Chunk chunk = new Chunk();
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> indexes = new HashMap<>();
    private final List<Column> columns = new ArrayList<>();
    /** Lines tend to have the same keys in the same order: which column came at which place last. */
    private final List<Column> order = new ArrayList<>();

    private int at;
    private boolean ascii;

    private static final class Column {
        final byte[] key;
        final int[] starts = new int[ROWS];
        final int[] lengths = new int[ROWS];
        final JsonKind[] kinds = new JsonKind[ROWS];
        /** One bit for each kind that the batch holds. */
        int kindsSeen;

        Column(byte[] key) {
            this.key = key;
            Arrays.fill(lengths, -1);
        }
    }

    JsonBatchReader(ByteSource source, ChunkSource chunks, Kernels kernels) {
        this.source = source;
        this.chunks = chunks;
        this.kernels = kernels;
    }

    @Override
    public List<String> columns() {
        return Collections.unmodifiableList(names);
    }

    @Override
    public @Nullable Batch next() throws IOException {
        for (Column column : columns) {
            Arrays.fill(column.lengths, -1);
            column.kindsSeen = 0;
        }
        int rows = 0;
        while (rows == 0) {
            if (at == chunk.to) {
                if (!chunks.next(chunk)) {
                    return null;
                }
                at = chunk.from;
                checkText();
            }
            while (rows < ROWS && skipSpace()) {
                object(rows);
                rows++;
            }
        }
        return Batch.of(rows, columns.stream().map(this::vector).toArray(ColumnVector[]::new));
    }

    private Texts vector(Column column) {
        int kinds = column.kindsSeen;
        Inference inference =
                (kinds & ~PLAIN) == 0 ? Inference.ALL : kinds == STRING ? Inference.TEMPORAL : Inference.NONE;
        return new Texts(chunk.bytes, column.starts, column.lengths, inference, ascii, chunk.base, column.kinds);
    }

    private void checkText() throws IOException {
        ascii = kernels.isAscii(chunk.bytes, chunk.from, chunk.to);
        int invalid = ascii ? chunk.to : Utf8.firstInvalid(chunk.bytes, chunk.from, chunk.to);
        if (invalid < chunk.to) {
            throw error(invalid, "byte 0x%02X is not UTF-8; convert the file to UTF-8".formatted(chunk.bytes[invalid]));
        }
    }

    /** Skips white space, line ends included; false at the end of the chunk. */
    private boolean skipSpace() {
        byte[] bytes = chunk.bytes;
        while (at < chunk.to && bytes[at] <= ' ' && bytes[at] >= 0) {
            at++;
        }
        return at < chunk.to;
    }

    private byte peek() throws IOException {
        byte[] bytes = chunk.bytes;
        while (at < chunk.to && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) {
            at++;
        }
        if (at == chunk.to || bytes[at] == '\n') {
            throw error(at, "the line ends within its object; write each object on one line");
        }
        return bytes[at];
    }

    private void object(int row) throws IOException {
        if (chunk.bytes[at] != '{') {
            throw error(
                    at,
                    chunk.bytes[at] == '['
                            ? "an array starts here; write its objects one a line, without brackets and commas"
                            : "a JSON object must start here");
        }
        at++;
        int place = 0;
        while (peek() != '}') {
            Column column = column(place++);
            expect(':');
            value(column, row);
            if (peek() == ',') {
                at++;
                if (peek() == '}') {
                    throw error(at, "a key must follow the comma");
                }
            } else if (chunk.bytes[at] != '}') {
                throw error(at, "',' or '}' must stand here");
            }
        }
        at++;
        while (at < chunk.to && chunk.bytes[at] != '\n') {
            if (chunk.bytes[at] > ' ' || chunk.bytes[at] < 0) {
                throw error(at, "more text follows the object; write one object a line");
            }
            at++;
        }
    }

    private void expect(char c) throws IOException {
        if (peek() != c) {
            throw error(at, "'" + c + "' must stand here");
        }
        at++;
    }

    private Column column(int place) throws IOException {
        if (peek() != '"') {
            throw error(at, "a key in double quotes must stand here");
        }
        int start = at + 1;
        int length = string();
        if (place < order.size()) {
            Column column = order.get(place);
            if (Arrays.equals(chunk.bytes, start, start + length, column.key, 0, column.key.length)) {
                return column;
            }
        }
        String name = new String(chunk.bytes, start, length, UTF_8);
        Integer known = indexes.get(name);
        if (known == null) {
            if (columns.size() == MOST_COLUMNS) {
                throw error(start, "more than %d different keys: are the keys data here?".formatted(MOST_COLUMNS));
            }
            known = columns.size();
            indexes.put(name, known);
            names.add(name);
            columns.add(new Column(Arrays.copyOfRange(chunk.bytes, start, start + length)));
        }
        Column column = columns.get(known);
        if (place < order.size()) {
            order.set(place, column);
        } else if (place == order.size()) {
            order.add(column);
        }
        return column;
    }

    private void value(Column column, int row) throws IOException {
        byte first = peek();
        int start = at;
        int length;
        JsonKind kind = JsonKind.PLAIN;
        switch (first) {
            case '"' -> {
                start++;
                length = string();
                kind = JsonKind.STRING;
            }
            case '{', '[' -> {
                length = nested();
                kind = JsonKind.NESTED;
            }
            default -> length = plain();
        }
        column.starts[row] = start;
        if (first == 'n') {
            column.lengths[row] = -1;
            return;
        }
        column.lengths[row] = length;
        column.kinds[row] = kind;
        column.kindsSeen |= 1 << kind.ordinal();
    }

    /** Goes behind a number or a literal and returns its length. */
    private int plain() throws IOException {
        byte[] bytes = chunk.bytes;
        int start = at;
        while (at < chunk.to && bytes[at] > ' ' && bytes[at] != ',' && bytes[at] != '}' && bytes[at] != ']') {
            at++;
        }
        int length = at - start;
        byte first = bytes[start];
        boolean number = (first >= '0' && first <= '9') || (first == '-' && length > 1 && bytes[start + 1] <= '9');
        if (!number && !isLiteral(start, length)) {
            throw error(start, "a JSON value must stand here; texts need double quotes");
        }
        return length;
    }

    private boolean isLiteral(int start, int length) {
        if (length < 3 || length > 9) {
            return false;
        }
        return switch (new String(chunk.bytes, start, length, UTF_8)) {
            case "true", "false", "null", "NaN", "Infinity", "-Infinity" -> true;
            default -> false;
        };
    }

    /** Goes behind an object or an array and returns its length. */
    private int nested() throws IOException {
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
    private int string() throws IOException {
        byte[] bytes = chunk.bytes;
        int start = ++at;
        int write = start;
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

    private FormatException error(int where, String problem) throws IOException {
        return Lines.error(source, chunk.position(where), problem);
    }

    @Override
    public void close() throws IOException {
        chunks.close();
    }
}
