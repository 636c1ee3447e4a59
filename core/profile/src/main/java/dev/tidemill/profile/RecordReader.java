package dev.tidemill.profile;

import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.ColumnVector.Doubles;
import dev.tidemill.profile.internal.ColumnVector.Inference;
import dev.tidemill.profile.internal.ColumnVector.JsonKind;
import dev.tidemill.profile.internal.ColumnVector.Longs;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.FloatRows;
import dev.tidemill.profile.internal.Readers;
import dev.tidemill.profile.internal.text.Numbers;
import dev.tidemill.profile.internal.text.TextValue;
import dev.tidemill.profile.internal.text.TypedText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A source record by record, for functions that change rows.
 *
 * <pre>{@code
 * try (RecordReader rows = RecordReader.open(source, format)) {
 *     while (rows.next()) {
 *         double x = rows.isNumber(0) ? rows.number(0) : 0;
 *     }
 * }
 * }</pre>
 */
public final class RecordReader implements AutoCloseable {
    private final BatchReader reader;
    private final TextValue meaning = new TextValue();
    private @Nullable Batch batch;
    /** Records of the batches before this one. */
    private long before;

    private int row;

    RecordReader(BatchReader reader) {
        this.reader = reader;
    }

    /** All records of the source. */
    public static RecordReader open(ByteSource source, Format format) throws IOException {
        return open(source, format, 0, Long.MAX_VALUE);
    }

    /** The records that start in a range, at whose first byte a record starts (or the source). */
    public static RecordReader open(ByteSource source, Format format, long offset, long length) throws IOException {
        return new RecordReader(Readers.open(source, format, offset, length));
    }

    /** Goes to the next record; false at the end. */
    public boolean next() throws IOException {
        row++;
        if (batch == null || row == batch.rows()) {
            before += batch == null ? 0 : batch.rows();
            batch = reader.next();
            row = 0;
        }
        return batch != null;
    }

    /** Which record is the current one, counted from 1 (in its run, if it is one of {@link RecordRuns}). */
    public long record() {
        return before + row + 1;
    }

    /** How many records can be looked at now, from the current one on: 1 or more, or 0 at the end. */
    public int ready() {
        return batch == null ? 0 : batch.rows() - row;
    }

    /**
     * Goes on by some records, or back to one that was ready.
     *
     * @throws IndexOutOfBoundsException if that record is not ready, or not any more
     */
    public void skip(int records) {
        row = Objects.checkIndex(row + records, batch == null ? 0 : batch.rows());
    }

    /** The names of the columns; JSON Lines may bring more with every record. */
    public List<String> columns() {
        return Collections.unmodifiableList(reader.columns());
    }

    /** What the value means taken for itself: {@code NULL} where there is none. */
    public ColumnType type(int column) {
        ColumnVector vector = vector(column);
        if (vector == null || ColumnReader.isNull(vector, row)) {
            return ColumnType.NULL;
        }
        return switch (vector) {
            case Doubles doubles -> ColumnType.DOUBLE;
            case Longs longs -> longs.type();
            case Texts texts ->
                meaning.read(texts.buffer(), texts.starts()[row], texts.lengths()[row], inference(texts));
        };
    }

    public boolean isNull(int column) {
        return type(column) == ColumnType.NULL;
    }

    public boolean isNumber(int column) {
        return type(column).isNumeric();
    }

    /** Whether the value stands for itself where it was read: a number or a literal or a nested value of JSON, not a string. */
    boolean isRaw(int column) {
        return vector(column) instanceof Texts texts
                && texts.kinds() != null
                && !ColumnReader.isNull(texts, row)
                && texts.kinds()[row] != JsonKind.STRING;
    }

    /**
     * The value as a double.
     *
     * @throws IllegalStateException when it is not a number
     */
    public double number(int column) {
        return switch (type(column)) {
            case INT64 -> (double) integer(column);
            case DOUBLE -> vector(column) instanceof Doubles doubles ? doubles.values()[row] : meaning.real();
            case NULL, BOOLEAN, DATE, TIMESTAMP, STRING -> throw new IllegalStateException("not a number");
        };
    }

    /** The value as a double, or NaN where it is none: {@link #number} without asking for the type first. */
    public double numberOrNaN(int column) {
        if (vector(column) instanceof Texts texts
                && !ColumnReader.isNull(texts, row)
                && inference(texts) == Inference.ALL) {
            double number = Numbers.parseDouble(texts.buffer(), texts.starts()[row], texts.lengths()[row]);
            if (!Double.isNaN(number)) {
                return number;
            }
        }
        return isNumber(column) ? number(column) : Double.NaN;
    }

    /**
     * A column's numbers in many records at once: the current one and those behind it, without going on.
     *
     * @param into gets {@link #number} of each, from its beginning
     * @param records not more than are {@link #ready}
     * @return in how many records there was a number, counted up to the first that has none
     */
    public int numbers(int column, double[] into, int records) {
        ColumnVector vector = vector(column);
        int first = row;
        int n = 0;
        while (n < records) {
            n += fast(vector, first + n, into, n, records - n);
            if (n < records) {
                row = first + n;
                boolean number = isNumber(column);
                if (number) {
                    into[n++] = number(column);
                }
                row = first;
                if (!number) {
                    return n;
                }
            }
        }
        return n;
    }

    /** As {@link #numbers}, up to the first value that is worth a closer look. */
    private static int fast(@Nullable ColumnVector vector, int from, double[] into, int at, int records) {
        return switch (vector) {
            case Doubles doubles
            when doubles.nulls() == null -> {
                System.arraycopy(doubles.values(), from, into, at, records);
                yield records;
            }
            case Longs longs
            when longs.nulls() == null && longs.type() == ColumnType.INT64 -> {
                for (int i = 0; i < records; i++) {
                    into[at + i] = longs.values()[from + i];
                }
                yield records;
            }
            case Texts texts
            when texts.kinds() != null || texts.inference() == Inference.ALL -> fast(texts, from, into, at, records);
            case null, default -> 0;
        };
    }

    private static int fast(Texts texts, int from, double[] into, int at, int records) {
        byte[] buffer = texts.buffer();
        int[] starts = texts.starts();
        int[] lengths = texts.lengths();
        JsonKind[] kinds = texts.kinds();
        for (int i = 0; i < records; i++) {
            int length = lengths[from + i];
            boolean plain = length >= 0 && (kinds == null || kinds[from + i] == JsonKind.PLAIN);
            double number = plain ? Numbers.parseDouble(buffer, starts[from + i], length) : Double.NaN;
            if (Double.isNaN(number)) {
                return i;
            }
            into[at + i] = number;
        }
        return records;
    }

    /**
     * The columns that {@link RecordRuns} were asked for as floats, of many records at once: the current one and those behind it, without
     * going on.
     *
     * @param into gets them row by row, as float32, at its position, which moves on; little-endian
     * @param records not more than are {@link #ready}
     * @return false, and nothing is written, where they cannot be had so: look at the records' values one by one
     * @throws FormatException if the records are damaged
     */
    public boolean floats(ByteBuffer into, int records) throws IOException {
        Batch current = batch;
        FloatRows rows = current == null ? null : current.floatRows();
        if (rows == null) {
            return false;
        }
        rows.write(into, row, records);
        return true;
    }

    /** The value, to be kept until it is written; null where there is none. */
    public @Nullable Value value(int column) {
        ColumnType type = type(column);
        return type == ColumnType.NULL
                ? null
                : new Value(bytes(column), isRaw(column) || type.isNumeric() || type == ColumnType.BOOLEAN);
    }

    /**
     * A value taken out of its record.
     *
     * @param text in UTF-8, unquoted
     * @param bare whether JSON writes it without quotes
     */
    public record Value(byte[] text, boolean bare) {}

    /**
     * The value as a long.
     *
     * @throws IllegalStateException when it is not an int64
     */
    public long integer(int column) {
        if (type(column) != ColumnType.INT64) {
            throw new IllegalStateException("not an int64");
        }
        return vector(column) instanceof Longs longs ? longs.values()[row] : meaning.number();
    }

    /** The value as it is written in the source, unquoted, in UTF-8; of a typed format in its usual form; empty for null. */
    public byte[] bytes(int column) {
        ColumnVector vector = vector(column);
        if (vector == null || ColumnReader.isNull(vector, row)) {
            return new byte[0];
        }
        return switch (vector) {
            case Texts texts -> {
                int start = texts.starts()[row];
                yield Arrays.copyOfRange(texts.buffer(), start, start + texts.lengths()[row]);
            }
            case Doubles doubles -> Double.toString(doubles.values()[row]).getBytes(StandardCharsets.UTF_8);
            case Longs longs -> TypedText.of(longs.type(), longs.values()[row]).getBytes(StandardCharsets.UTF_8);
        };
    }

    /** {@link #bytes} as a string. */
    public String text(int column) {
        return new String(bytes(column), StandardCharsets.UTF_8);
    }

    private @Nullable ColumnVector vector(int column) {
        if (batch == null) {
            throw new IllegalStateException("there is no current record; call next() first");
        }
        return column < batch.columns() ? batch.vector(column) : null;
    }

    private Inference inference(Texts texts) {
        JsonKind[] kinds = texts.kinds();
        if (kinds == null) {
            return texts.inference();
        }
        return switch (kinds[row]) {
            case PLAIN -> Inference.ALL;
            case STRING -> Inference.TEMPORAL;
            case NESTED -> Inference.NONE;
        };
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
