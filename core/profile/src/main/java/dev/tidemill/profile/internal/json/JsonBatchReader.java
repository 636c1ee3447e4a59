package dev.tidemill.profile.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.ChunkSource;
import dev.tidemill.profile.internal.ColumnVector.Inference;
import dev.tidemill.profile.internal.ColumnVector.JsonKind;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.text.Numbers;
import dev.tidemill.profile.internal.text.Utf8;
import java.io.IOException;
import java.util.ArrayList;
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
 *
 * <p>A key is not looked up where it is written as it was behind the same key before, spaces included: one comparison of bytes.
 */
final class JsonBatchReader implements BatchReader {
    private static final int MOST_ROWS = 1024;
    private static final int MOST_VALUES = 1 << 17;
    private static final int MOST_COLUMNS = 20_000;
    private static final int PLAIN = 1 << JsonKind.PLAIN.ordinal();
    private static final int STRING = 1 << JsonKind.STRING.ordinal();

    private final ChunkSource chunks;
    private final Kernels kernels;
    private final Chunk chunk = new Chunk();
    private final JsonTokens tokens;
    private final List<String> names = new ArrayList<>();
    private final Map<String, JsonColumn> byName = new HashMap<>();
    private final List<JsonColumn> columns = new ArrayList<>();
    /** Stands before the first key of each object. */
    private final JsonColumn head = new JsonColumn(-1);

    private final int[] places;
    private final JsonFloats floats;
    private boolean ascii;

    /**
     * A reader of whatever chunks it gets of the source.
     *
     * @param known columns that come first, also where they have no values
     * @param wanted positions of columns among these
     */
    JsonBatchReader(ByteSource source, ChunkSource chunks, Kernels kernels, List<String> known, FloatColumns wanted) {
        this.chunks = chunks;
        this.kernels = kernels;
        tokens = new JsonTokens(source, chunk);
        places = wanted.places(known.size());
        for (String name : known) {
            add(name);
        }
        floats = new JsonFloats(wanted, most());
    }

    @Override
    public List<String> columns() {
        return Collections.unmodifiableList(names);
    }

    @Override
    public @Nullable Batch next() throws IOException {
        columns.forEach(JsonColumn::begin);
        floats.begin();
        int rows = 0;
        while (rows == 0) {
            if (tokens.atEnd()) {
                if (!chunks.next(chunk)) {
                    return null;
                }
                tokens.begin();
                checkText();
            }
            while (rows < most() && tokens.skipSpace()) {
                object(rows);
                rows++;
            }
        }
        for (JsonColumn column : columns) {
            if (!asFloats(column)) {
                column.settle(rows);
            }
        }
        return Batch.lazy(rows, columns.size(), this::texts, floats.whole() ? floats.rows() : null);
    }

    /** Rows in a batch. */
    private int most() {
        return Math.clamp(MOST_VALUES / Math.max(1, columns.size()), 16, MOST_ROWS);
    }

    private Texts texts(int index) {
        JsonColumn column = columns.get(index);
        if (asFloats(column)) {
            throw new IllegalStateException("column " + index + " was asked for as floats");
        }
        int kinds = column.kindsSeen;
        Inference inference =
                (kinds & ~PLAIN) == 0 ? Inference.ALL : kinds == STRING ? Inference.TEMPORAL : Inference.NONE;
        return new Texts(chunk.bytes, column.starts, column.lengths, inference, ascii, chunk.base, column.kinds);
    }

    private void checkText() throws IOException {
        ascii = kernels.isAscii(chunk.bytes, chunk.from, chunk.to);
        int invalid = ascii ? chunk.to : Utf8.firstInvalid(chunk.bytes, chunk.from, chunk.to);
        if (invalid < chunk.to) {
            throw tokens.error(
                    invalid, "byte 0x%02X is not UTF-8; convert the file to UTF-8".formatted(chunk.bytes[invalid]));
        }
    }

    /** Whether the column's values are those of {@link #floats} and not its own. */
    private boolean asFloats(JsonColumn column) {
        return column.place >= 0 && floats.whole();
    }

    /** All columns have their own values from now on. */
    private void asTexts(int row) {
        floats.giveUp();
        for (JsonColumn column : columns) {
            for (int i = 0; i <= row && column.place >= 0; i++) {
                int start = floats.start(i, column.place);
                if (start >= 0) {
                    column.put(i, start, JsonTokens.plainEnd(chunk.bytes, start) - start, JsonKind.PLAIN);
                }
            }
        }
    }

    private void object(int row) throws IOException {
        floats.beginRow(row);
        byte[] bytes = chunk.bytes;
        int to = chunk.to;
        int at = tokens.at;
        JsonColumn column = head;
        while (true) {
            JsonColumn next = column.next;
            int start = next == null ? -1 : next.behindLead(bytes, at, to);
            if (next == null || start < 0) {
                tokens.at = at;
                next = key(column);
                if (next == null) {
                    break;
                }
                start = tokens.at;
            }
            column = next;
            if (Numbers.isDigit(bytes[start])) {
                at = JsonTokens.plainEnd(bytes, start);
                number(column, row, start, at - start);
            } else {
                tokens.at = start;
                value(column, row);
                at = tokens.at;
            }
        }
        tokens.endOfLine();
        if (floats.whole() && floats.lacks(row)) {
            asTexts(row);
        }
    }

    /** Goes to the value behind the next key; null, and behind the object, where there is none. */
    private @Nullable JsonColumn key(JsonColumn before) throws IOException {
        int start = tokens.at;
        boolean first = before == head;
        byte mark = first ? chunk.bytes[start] : tokens.peek();
        if (first && mark != '{') {
            throw tokens.error(
                    start,
                    mark == '['
                            ? "an array starts here; write its objects one a line, without brackets and commas"
                            : "a JSON object must start here");
        }
        if (!first && mark != ',' && mark != '}') {
            throw tokens.error(tokens.at, "',' or '}' must stand here");
        }
        tokens.at++;
        if (mark == '}') {
            return null;
        }
        if (tokens.peek() == '}') {
            if (first) {
                tokens.at++;
                return null;
            }
            throw tokens.error(tokens.at, "a key must follow the comma");
        }
        if (tokens.peek() != '"') {
            throw tokens.error(tokens.at, "a key in double quotes must stand here");
        }
        int name = tokens.at + 1;
        int length = tokens.string();
        boolean asItIs = tokens.at == name + length + 1;
        JsonColumn column = column(name, length);
        tokens.expect(':');
        tokens.peek();
        if (asItIs) {
            column.lead(chunk.bytes, start, tokens.at);
            before.next = column;
        }
        return column;
    }

    private JsonColumn column(int start, int length) throws IOException {
        String name = new String(chunk.bytes, start, length, UTF_8);
        JsonColumn column = byName.get(name);
        if (column == null) {
            if (columns.size() == MOST_COLUMNS) {
                throw tokens.error(
                        start, "more than %d different keys: are the keys data here?".formatted(MOST_COLUMNS));
            }
            column = add(name);
        }
        return column;
    }

    private JsonColumn add(String name) {
        int index = columns.size();
        JsonColumn column = new JsonColumn(index < places.length ? places[index] : -1);
        byName.put(name, column);
        names.add(name);
        columns.add(column);
        return column;
    }

    private void number(JsonColumn column, int row, int start, int length) {
        if (asFloats(column)) {
            // A digit is what most numbers are that are many.
            byte[] bytes = chunk.bytes;
            double number = length == 1 ? bytes[start] - '0' : Numbers.parseDouble(bytes, start, length);
            if (!Double.isNaN(number)) {
                floats.put(row, column.place, start, (float) number);
                return;
            }
            asTexts(row);
        }
        column.put(row, start, length, JsonKind.PLAIN);
    }

    private void value(JsonColumn column, int row) throws IOException {
        byte first = tokens.peek();
        int start = tokens.at;
        if (first == '-' || Numbers.isDigit(first)) {
            number(column, row, start, tokens.plain());
            return;
        }
        if (asFloats(column)) {
            asTexts(row);
        }
        switch (first) {
            case 'n' -> {
                tokens.plain();
                column.putNull(row);
            }
            case '"' -> column.put(row, start + 1, tokens.string(), JsonKind.STRING);
            case '{', '[' -> column.put(row, start, tokens.nested(), JsonKind.NESTED);
            default -> column.put(row, start, tokens.plain(), JsonKind.PLAIN);
        }
    }

    @Override
    public void close() throws IOException {
        chunks.close();
    }
}
