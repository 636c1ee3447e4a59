package dev.tidemill.profile.internal.parquet;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.FloatColumns;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;

/** Reads all columns of {@code FILE} as rows of floats, in a process whose heap is small; says how many rows there were, or what was wrong. */
final class WideTable {

    private WideTable() {}

    public static void main(String[] args) throws IOException {
        ByteSource file = ByteSource.of(Path.of(args[0]));
        int columns;
        try (ParquetReader names = ParquetReader.open(file, 0, Long.MAX_VALUE)) {
            columns = names.columns().size();
        }
        FloatColumns all = new FloatColumns(IntStream.range(0, columns).toArray());
        long rows = 0;
        try (ParquetReader reader = ParquetReader.open(file, 0, Long.MAX_VALUE, all)) {
            for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                ByteBuffer into = ByteBuffer.allocate(batch.rows() * columns * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
                Objects.requireNonNull(batch.floatRows()).write(into, 0, batch.rows());
                rows += batch.rows();
            }
        } catch (FormatException e) {
            System.out.println(e.getMessage());
            return;
        }
        System.out.println(rows + " rows");
    }
}
