package dev.tidemill.profile.internal.parquet;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.schema.ColumnSchema;
import dev.tidemill.profile.internal.FloatRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns of numbers as rows of float32, straight out of their pages: they never become arrays of their own. Used by one thread. */
final class NumberTable implements AutoCloseable {

    /** @param leaf where it is in the schema */
    record Column(ColumnSchema leaf, NumberType type) {}

    private final List<NumberColumn> columns;

    private NumberTable(List<NumberColumn> columns) {
        this.columns = columns;
    }

    /**
     * The columns' rows in these row groups; null if one of them is not laid down so.
     *
     * @param memory bytes that their pages may take
     */
    static @Nullable NumberTable of(SourceFile file, List<Column> wanted, Collection<RowGroup> groups, long memory) {
        PageMemory pageMemory = new PageMemory(file.name(), wanted.size(), memory);
        List<NumberPages> pages = wanted.stream()
                .map(column -> new NumberPages(file.name(), column.leaf(), column.type(), pageMemory))
                .toList();
        long largest = 0;
        for (RowGroup group : groups) {
            List<ColumnChunk> chunks = wanted.stream()
                    .map(column -> group.columns().get(column.leaf().columnIndex()))
                    .toList();
            long start = Long.MAX_VALUE;
            long end = 0;
            long unpacked = 0;
            for (ColumnChunk chunk : chunks) {
                start = Math.min(start, chunk.chunkStartOffset());
                end = Math.max(end, chunk.chunkStartOffset() + chunk.metaData().totalCompressedSize());
                unpacked += chunk.metaData().totalUncompressedSize();
            }
            largest = Math.max(largest, unpacked);
            RowGroupBytes bytes = new RowGroupBytes(file, start, end, pageMemory.piece());
            for (int i = 0; i < chunks.size(); i++) {
                if (!NumberPages.canRead(wanted.get(i).leaf(), chunks.get(i))) {
                    return null;
                }
                pages.get(i).add(bytes, chunks.get(i), group.numRows());
            }
        }
        boolean ahead = pageMemory.allowsReadAhead(largest);
        return new NumberTable(
                pages.stream().map(column -> new NumberColumn(column, ahead)).toList());
    }

    /** The next rows, which there have to be; they can be written by any thread, later too. */
    FloatRows next(int rows) throws IOException {
        columns.forEach(NumberColumn::readAhead);
        List<NumberCursor> slices = new ArrayList<>(columns.size());
        for (NumberColumn column : columns) {
            slices.add(column.slice(rows));
        }
        return new NumberRows(slices.toArray(NumberCursor[]::new));
    }

    @Override
    public void close() {
        columns.forEach(NumberColumn::close);
    }
}
