package dev.tidemill.functions.sdk;

import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.RecordReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A row of a {@link Shard}, its values by the names of their columns. */
public final class Row {

    private final RecordReader records;
    private final ShardObject object;
    /** Whether all columns are known before the first row, as in every format but JSON Lines. */
    private final boolean closed;

    private final Map<String, Integer> positions = new HashMap<>();
    private long number;

    Row(RecordReader records, ShardObject object) {
        this.records = records;
        this.object = object;
        this.closed = !records.columns().isEmpty();
    }

    boolean next() throws IOException {
        number++;
        return records.next();
    }

    /** The columns of its object; in JSON Lines, as far as they have come. */
    public List<String> columns() {
        return records.columns();
    }

    /** What its value is; {@code NULL} where it has none, or no such column. */
    public ColumnType type(String column) {
        int position = position(column);
        return position < 0 ? ColumnType.NULL : records.type(position);
    }

    /**
     * The number in this column.
     *
     * @throws FormatException if it is none, and then the input is refused
     */
    public double number(String column) throws FormatException {
        int position = needed(column);
        if (!type(column).isNumeric()) {
            throw wrong(column + " is " + shown(column) + ", not a number");
        }
        return records.number(position);
    }

    /**
     * The whole number in this column.
     *
     * @throws FormatException if it is none, and then the input is refused
     */
    public long integer(String column) throws FormatException {
        int position = needed(column);
        if (type(column) != ColumnType.INT64) {
            throw wrong(column + " is " + shown(column) + ", not a whole number of 64 bits");
        }
        return records.integer(position);
    }

    /**
     * The value as it is written, empty where there is none.
     *
     * @throws FormatException if there is no such column
     */
    public String text(String column) throws FormatException {
        int position = needed(column);
        return position < 0 ? "" : records.text(position);
    }

    /** To be thrown where this row can never be worked on: a final failure that names the object and the row. */
    public FormatException wrong(String problem) {
        return new FormatException(
                object.source().name(),
                -1,
                -1,
                "row %d%s: %s"
                        .formatted(
                                number,
                                object.range().offset() == 0
                                        ? ""
                                        : " behind byte " + object.range().offset(),
                                problem));
    }

    RecordReader.@Nullable Value value(String column) {
        int position = position(column);
        return position < 0 ? null : records.value(position);
    }

    private String shown(String column) {
        int position = position(column);
        return position < 0 || records.isNull(position) ? "empty" : "\"" + records.text(position) + "\"";
    }

    private int needed(String column) throws FormatException {
        int position = position(column);
        if (position < 0 && closed) {
            throw new FormatException(
                    object.source().name(),
                    -1,
                    -1,
                    "there is no column \"%s\"; there are: %s".formatted(column, String.join(", ", columns())));
        }
        return position;
    }

    private int position(String column) {
        List<String> columns = records.columns();
        for (int next = positions.size(); next < columns.size(); next++) {
            positions.put(columns.get(next), next);
        }
        return positions.getOrDefault(column, -1);
    }
}
