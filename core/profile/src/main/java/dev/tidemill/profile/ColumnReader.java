package dev.tidemill.profile;

import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.ColumnVector.Doubles;
import dev.tidemill.profile.internal.ColumnVector.Inference;
import dev.tidemill.profile.internal.ColumnVector.Longs;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.Lines;
import dev.tidemill.profile.internal.Readers;
import dev.tidemill.profile.internal.text.Numbers;
import dev.tidemill.profile.internal.text.TextValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One numeric column of a source, in batches of doubles; values that are not there are skipped and counted.
 *
 * <pre>{@code
 * double[] values = new double[1024];
 * try (ColumnReader price = ColumnReader.open(source, format, "price")) {
 *     for (int n = price.read(values); n >= 0; n = price.read(values)) {
 *         // values[0] to values[n - 1]
 *     }
 * }
 * }</pre>
 */
public final class ColumnReader implements AutoCloseable {
    private final ByteSource source;
    private final BatchReader reader;
    private final @Nullable String name;
    private final int position;
    private final TextValue value = new TextValue();
    private @Nullable Batch batch;
    private int row;
    private long nulls;

    private ColumnReader(ByteSource source, BatchReader reader, @Nullable String name, int position) {
        this.source = source;
        this.reader = reader;
        this.name = name;
        this.position = position;
    }

    /** The column of that name; in JSON Lines a name that never comes is a column without values. */
    public static ColumnReader open(ByteSource source, Format format, String column) throws IOException {
        return open(source, format, column, 0, Long.MAX_VALUE);
    }

    /**
     * The column of that name in the records that start in a range, at whose first byte a record starts (or the source).
     *
     * @throws FormatException when there is no such column
     */
    public static ColumnReader open(ByteSource source, Format format, String column, long offset, long length)
            throws IOException {
        BatchReader reader = Readers.open(source, format, offset, length);
        if (!reader.columns().isEmpty() && !reader.columns().contains(column)) {
            reader.close();
            throw new FormatException(
                    source.name(),
                    -1,
                    -1,
                    "there is no column \"%s\"; there are: %s".formatted(column, String.join(", ", reader.columns())));
        }
        return new ColumnReader(source, reader, column, -1);
    }

    /**
     * The column at that position.
     *
     * @param column counted from 0
     */
    public static ColumnReader open(ByteSource source, Format format, int column, long offset, long length)
            throws IOException {
        return new ColumnReader(source, Readers.open(source, format, offset, length), null, column);
    }

    /** The names of all columns; of JSON Lines, as far as they have come. */
    public List<String> columns() {
        return List.copyOf(reader.columns());
    }

    /**
     * Reads the next values.
     *
     * @return how many were written to {@code into}, at least one, or -1 at the end
     * @throws FormatException when a text is not a number
     */
    public int read(double[] into) throws IOException {
        int n = 0;
        while (n == 0) {
            if (batch == null || row == batch.rows()) {
                batch = reader.next();
                row = 0;
                if (batch == null) {
                    return -1;
                }
            }
            n = copy(batch, into);
        }
        return n;
    }

    private int copy(Batch batch, double[] into) throws IOException {
        int index = name == null ? position : reader.columns().indexOf(name);
        if (index < 0 || index >= batch.columns()) {
            nulls += batch.rows() - row;
            row = batch.rows();
            return 0;
        }
        ColumnVector vector = batch.vector(index);
        int n = 0;
        for (; row < batch.rows() && n < into.length; row++) {
            if (isNull(vector, row)) {
                nulls++;
            } else {
                into[n++] = number(vector, row);
            }
        }
        return n;
    }

    static boolean isNull(ColumnVector vector, int row) {
        return switch (vector) {
            case Texts texts -> texts.lengths()[row] < 0;
            case Longs longs -> {
                boolean[] nulls = longs.nulls();
                yield nulls != null && nulls[row];
            }
            case Doubles doubles -> {
                boolean[] nulls = doubles.nulls();
                yield nulls != null && nulls[row];
            }
        };
    }

    private double number(ColumnVector vector, int row) throws IOException {
        return switch (vector) {
            case Doubles doubles -> doubles.values()[row];
            case Longs longs -> longs.values()[row];
            case Texts texts -> number(texts, texts.starts()[row], texts.lengths()[row]);
        };
    }

    private double number(Texts texts, int start, int length) throws IOException {
        double number = Numbers.parseDouble(texts.buffer(), start, length);
        if (!Double.isNaN(number)) {
            return number;
        }
        return switch (value.read(texts.buffer(), start, length, Inference.ALL)) {
            case INT64 -> (double) value.number();
            case DOUBLE -> value.real();
            case NULL, BOOLEAN, DATE, TIMESTAMP, STRING ->
                throw Lines.error(
                        source,
                        texts.origin() + start,
                        "\"%s\" in column %s is not a number; choose a numeric column"
                                .formatted(
                                        new String(texts.buffer(), start, Math.min(length, 40), StandardCharsets.UTF_8),
                                        name == null ? reader.columns().get(position) : name));
        };
    }

    /** How many records so far had no value in the column. */
    public long nulls() {
        return nulls;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
