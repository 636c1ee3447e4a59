package dev.tidemill.functions.sdk;

import dev.tidemill.profile.Format;
import dev.tidemill.profile.RecordReader.Value;
import dev.tidemill.profile.RecordWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows to answer with. The values of a row are set in any order, those that are not set are empty, and {@link #end} closes it.
 *
 * <pre>{@code
 * Table wines = Table.jsonLines(List.of("name", "alcohol"));
 * shard.rows(row -> {
 *     wines.copy(row, "name").set("alcohol", row.number("alcohol") / 100).end();
 * });
 * return wines.result();
 * }</pre>
 */
public final class Table {

    /** What Tidemill takes as a reply. */
    private static final int LARGEST = 32 << 20;

    private final List<String> columns;
    private final Map<String, Integer> positions = new HashMap<>();
    private final @Nullable Value[] row;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final RecordWriter writer;
    private final String contentType;

    private Table(List<String> columns, Format format) throws IOException {
        this.columns = List.copyOf(columns);
        for (String column : columns) {
            if (positions.put(column, positions.size()) != null) {
                throw new IllegalArgumentException("two columns are called \"" + column + "\"");
            }
        }
        this.row = new Value[columns.size()];
        if (format instanceof Format.Csv csv) {
            this.writer = RecordWriter.csv(bytes, columns, csv);
            this.contentType = "text/csv";
        } else {
            this.writer = RecordWriter.jsonLines(bytes, columns);
            // Not application/jsonl: Funqy takes whatever begins with application/json for JSON.
            this.contentType = "application/x-ndjson";
        }
    }

    static Table of(Format format, List<String> columns) throws IOException {
        return new Table(columns, format);
    }

    /** Comma-separated, with a header. */
    public static Table csv(List<String> columns) throws IOException {
        return new Table(columns, Format.Csv.DEFAULT);
    }

    /** One JSON object a line, without its empty values. */
    public static Table jsonLines(List<String> columns) throws IOException {
        return new Table(columns, new Format.JsonLines());
    }

    public List<String> columns() {
        return columns;
    }

    public Table set(String column, double value) {
        return put(column, Double.toString(value), true);
    }

    public Table set(String column, long value) {
        return put(column, Long.toString(value), true);
    }

    public Table set(String column, boolean value) {
        return put(column, Boolean.toString(value), true);
    }

    public Table set(String column, String value) {
        return put(column, value, false);
    }

    /** The value of that column as it was read, if there is one. */
    public Table copy(Row from, String column) {
        row[position(column)] = from.value(column);
        return this;
    }

    /** All values of the row that have a column here. */
    public Table copy(Row from) {
        columns.forEach(column -> copy(from, column));
        return this;
    }

    /**
     * Ends the row.
     *
     * @throws RefusedException when there are more rows than one answer holds
     */
    public void end() throws IOException {
        for (int i = 0; i < row.length; i++) {
            writer.write(row[i]);
            row[i] = null;
        }
        writer.end();
        if (bytes.size() > LARGEST) {
            throw new RefusedException(
                    "ReplyTooLarge",
                    "more than 32 MiB come of this shard: cut the Dataset into more shards (spec.partition)");
        }
    }

    /** All of it; no row can be added any more. */
    public Result result() throws IOException {
        writer.close();
        return new Result(bytes.toByteArray(), contentType);
    }

    private Table put(String column, String text, boolean bare) {
        row[position(column)] = new Value(text.getBytes(StandardCharsets.UTF_8), bare);
        return this;
    }

    private int position(String column) {
        Integer position = positions.get(column);
        if (position == null) {
            throw new IllegalArgumentException(
                    "there is no column \"%s\"; there are: %s".formatted(column, String.join(", ", columns)));
        }
        return position;
    }
}
