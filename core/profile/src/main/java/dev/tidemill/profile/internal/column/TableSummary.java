package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.ColumnDrift;
import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.kernel.Kernels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What is known of a table: columns by name. A column that a part does not have is null in all its rows. Columns come in the order of
 * their positions in the parts, the smallest counts, so that merging in another order gives the same table.
 */
public final class TableSummary {
    private final Scratch scratch;
    private final Map<String, Placed> columns = new LinkedHashMap<>();
    private long rows;

    public TableSummary() {
        this(Kernels.best());
    }

    public TableSummary(Kernels kernels) {
        scratch = new Scratch(kernels);
    }

    private record Placed(int position, ColumnSummary summary) {}

    /** Reads to the end and adds everything. */
    public void addAll(BatchReader reader) throws IOException {
        declare(reader.columns());
        for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
            add(reader.columns(), batch);
        }
        declare(reader.columns());
    }

    /** Makes the columns known, also when no row follows. */
    public void declare(List<String> names) {
        for (int i = columns.size(); i < names.size(); i++) {
            column(names.get(i), i);
        }
    }

    public void add(List<String> names, Batch batch) {
        for (int i = 0; i < batch.columns(); i++) {
            column(names.get(i), i).add(batch.vector(i), batch.rows(), scratch);
        }
        rows += batch.rows();
    }

    private ColumnSummary column(String name, int position) {
        Placed placed = columns.get(name);
        if (placed == null) {
            placed = new Placed(position, new ColumnSummary());
            columns.put(name, placed);
        }
        return placed.summary;
    }

    /** Adds the other's rows; the other must not be used any more. */
    public void merge(TableSummary other) {
        rows += other.rows;
        other.columns.forEach((name, theirs) -> {
            Placed ours = columns.get(name);
            if (ours == null) {
                columns.put(name, theirs);
            } else {
                ours.summary.merge(theirs.summary);
                if (theirs.position < ours.position) {
                    columns.put(name, new Placed(theirs.position, ours.summary));
                }
            }
        });
    }

    /** Gives up precision for size. */
    public void coarsen(int level) {
        columns.values().forEach(column -> column.summary.coarsen(level));
    }

    /** An independent copy. */
    public TableSummary copy() {
        try {
            var bytes = new ByteArrayOutputStream();
            write(new DataOutputStream(bytes));
            return read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long rows() {
        return rows;
    }

    public List<ColumnProfile> columns() {
        return inOrder()
                .map(entry -> entry.getValue().summary.profile(entry.getKey(), rows))
                .toList();
    }

    /**
     * How far each of these columns has moved in the live data; one that is missing there is null in all its rows. Neither table must be
     * used any more.
     */
    public List<ColumnDrift> driftTo(TableSummary live) {
        return inOrder()
                .map(entry -> {
                    Placed theirs = live.columns.get(entry.getKey());
                    return Drift.between(
                            entry.getKey(),
                            entry.getValue().summary,
                            rows,
                            theirs == null ? new ColumnSummary() : theirs.summary,
                            live.rows);
                })
                .toList();
    }

    private Stream<Map.Entry<String, Placed>> inOrder() {
        return columns.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<String, Placed> entry) -> entry.getValue().position)
                        .thenComparing(Map.Entry::getKey));
    }

    public void write(DataOutput out) throws IOException {
        out.writeLong(rows);
        out.writeInt(columns.size());
        for (Map.Entry<String, Placed> entry : inOrder().toList()) {
            byte[] name = entry.getKey().getBytes(StandardCharsets.UTF_8);
            out.writeInt(name.length);
            out.write(name);
            out.writeInt(entry.getValue().position);
            entry.getValue().summary.write(out);
        }
    }

    public static TableSummary read(DataInput in) throws IOException {
        TableSummary table = new TableSummary();
        table.rows = in.readLong();
        for (int i = in.readInt(); i > 0; i--) {
            byte[] name = new byte[in.readInt()];
            in.readFully(name);
            int position = in.readInt();
            table.columns.put(new String(name, StandardCharsets.UTF_8), new Placed(position, ColumnSummary.read(in)));
        }
        return table;
    }
}
