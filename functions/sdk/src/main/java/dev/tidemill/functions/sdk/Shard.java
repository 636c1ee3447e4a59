package dev.tidemill.functions.sdk;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.ObjectSource;
import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.ColumnReader;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.Profiler;
import dev.tidemill.profile.RecordReader;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The objects to work on, in order, as one table: by rows, by the numbers of a column, or by bytes. CSV, JSON Lines, Parquet, NPY. */
public final class Shard {

    private static final int BATCH = 4096;

    private final List<ShardObject> objects;

    private Shard(List<ShardObject> objects) {
        this.objects = objects;
    }

    /** @throws RefusedException unless exactly one binding has objects, and each of them bytes to work on, if it has any */
    static Shard of(ShardData data, ObjectClient store) {
        List<S3Prefix> worked = data.functionData().values().stream()
                .filter(binding -> binding.objects() != null)
                .toList();
        if (worked.size() != 1) {
            throw new RefusedException(
                    "BadRequest", "one binding of function_data has objects to work on, not " + worked.size());
        }
        S3Prefix binding = worked.getFirst();
        for (ObjectRange range : Objects.requireNonNull(binding.objects())) {
            if (range.length() == 0 && range.size() > 0) {
                // As it comes when somebody leaves the length out; to read nothing then would be a wrong result.
                throw new RefusedException(
                        "BadRequest",
                        "%s: the length to work on is 0 or missing, of %d bytes".formatted(range.key(), range.size()));
            }
        }
        DataFormat format = Objects.requireNonNullElse(binding.format(), DataFormat.AUTO);
        return new Shard(Objects.requireNonNull(binding.objects()).stream()
                .map(range -> new ShardObject(ObjectSource.of(store, binding.bucket(), range), format, range))
                .toList());
    }

    /** The objects themselves, for whatever is no table. */
    public List<ShardObject> objects() {
        return objects;
    }

    /** What to do with each row. */
    @FunctionalInterface
    public interface Rows {
        /** @param row valid until this returns */
        void take(Row row) throws IOException;
    }

    /** What to do with a column's numbers. */
    @FunctionalInterface
    public interface Numbers {
        /** @param values the next {@code n} of them, from 0; the array is used again */
        void take(double[] values, int n) throws IOException;
    }

    /** Hands over row by row. */
    public void rows(Rows each) throws IOException {
        for (ShardObject object : objects) {
            try (RecordReader records = records(object)) {
                Row row = new Row(records, object);
                while (row.next()) {
                    each.take(row);
                }
            }
        }
    }

    /** The names of all columns, in the order in which they come: JSON Lines may bring a new one with its last row, and is read for it. */
    public List<String> columns() throws IOException {
        Set<String> names = new LinkedHashSet<>();
        for (ShardObject object : objects) {
            try (RecordReader records = records(object)) {
                if (records.columns().isEmpty()) {
                    while (records.next()) {
                        // Only the columns are wanted.
                    }
                }
                names.addAll(records.columns());
            }
        }
        return List.copyOf(names);
    }

    /** Hands over the numbers of a column; empty values are left out. Faster than {@link #rows} by far. */
    public void numbers(String column, Numbers each) throws IOException {
        for (ShardObject object : objects) {
            numbers(object, column, each);
        }
    }

    /**
     * The same for the only numeric column that there is.
     *
     * @throws RefusedException where there are several, or none
     */
    public void numbers(Numbers each) throws IOException {
        for (ShardObject object : objects) {
            numbers(object, onlyNumeric(object), each);
        }
    }

    /**
     * A table with the columns of this shard, in its format.
     *
     * @throws RefusedException for Parquet and NPY, which are not written: take {@link Table#csv} or {@link Table#jsonLines}
     */
    public Table table() throws IOException {
        return Table.of(objects.isEmpty() ? Format.Csv.DEFAULT : writable(objects.getFirst()), columns());
    }

    private static Format writable(ShardObject object) throws IOException {
        Format format = object.format() instanceof Format.Auto ? Format.of(object.source()) : object.format();
        return switch (format) {
            case Format.Csv _, Format.JsonLines _ -> format;
            case Format.Auto _, Format.Parquet _, Format.Npy _, Format.Raw _ ->
                throw new RefusedException(
                        "NotYetSupported",
                        object.source().name()
                                + ": rows are written as Csv and JsonLines only; let the function choose one");
        };
    }

    private static RecordReader records(ShardObject object) throws IOException {
        return RecordReader.open(
                object.source(),
                object.format(),
                object.range().offset(),
                object.range().length());
    }

    private static void numbers(ShardObject object, String column, Numbers each) throws IOException {
        double[] values = new double[BATCH];
        try (ColumnReader reader = ColumnReader.open(
                object.source(),
                object.format(),
                column,
                object.range().offset(),
                object.range().length())) {
            for (int n = reader.read(values); n >= 0; n = reader.read(values)) {
                each.take(values, n);
            }
        }
    }

    private static String onlyNumeric(ShardObject object) throws IOException {
        List<ColumnProfile> all = new Profiler()
                .profileRecords(
                        object.source(),
                        object.format(),
                        object.range().offset(),
                        object.range().length())
                .columns();
        List<String> numeric = all.stream()
                .filter(column -> column.type().isNumeric())
                .map(ColumnProfile::name)
                .toList();
        if (numeric.size() == 1) {
            return numeric.getFirst();
        }
        throw new RefusedException(
                "ColumnNeeded",
                numeric.isEmpty()
                        ? "%s has no numeric column; its columns are %s"
                                .formatted(
                                        object.source().name(),
                                        all.stream().map(ColumnProfile::name).toList())
                        : "%s has several numeric columns, %s: name one in the Function's env, as COLUMN"
                                .formatted(object.source().name(), numeric));
    }
}
