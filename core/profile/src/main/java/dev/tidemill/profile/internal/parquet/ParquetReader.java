package dev.tidemill.profile.internal.parquet;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowGroupPredicate;
import dev.hardwood.schema.ColumnProjection;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.ColumnNames;
import dev.tidemill.profile.internal.ColumnVector;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the row groups of a Parquet file whose middle lies in a byte range: over any partition of the file into ranges each row
 * group is read once.
 */
public final class ParquetReader implements BatchReader {

    private static final int VALUES_A_BATCH = 1 << 20;
    private static final int MAX_ROWS = 16 << 10;

    private final ByteSource source;
    private final ParquetFileReader file;
    private final List<ParquetColumn> columns;
    private final List<String> names;
    private final ColumnReaders readers;
    private long rowsRead;

    private ParquetReader(
            ByteSource source, ParquetFileReader file, List<ParquetColumn> columns, ColumnReaders readers) {
        this.source = source;
        this.file = file;
        this.columns = columns;
        this.names =
                ColumnNames.unique(columns.stream().map(ParquetColumn::name).toList());
        this.readers = readers;
    }

    /**
     * Opens a file and reads its footer.
     *
     * @param from first byte of the range
     * @param to first byte after it
     */
    public static ParquetReader open(ByteSource source, long from, long to) throws IOException {
        ParquetFileReader file = openFile(source);
        try {
            List<ParquetColumn> columns = ParquetColumn.of(file.getFileSchema());
            String[] leaves = columns.stream().map(ParquetColumn::leaf).toArray(String[]::new);
            ColumnReaders readers = file.buildColumnReaders(ColumnProjection.columns(leaves))
                    .filter(RowGroupPredicate.byteRange(from, to))
                    .batchSize(Math.clamp(VALUES_A_BATCH / Math.max(1, leaves.length), 64, MAX_ROWS))
                    .build();
            return new ParquetReader(source, file, columns, readers);
        } catch (RuntimeException e) {
            file.close();
            throw footer(source, e);
        }
    }

    private static ParquetFileReader openFile(ByteSource source) throws IOException {
        try {
            return ParquetFileReader.open(new SourceFile(source));
        } catch (IOException | RuntimeException e) {
            throw footer(source, e);
        }
    }

    @Override
    public List<String> columns() {
        return names;
    }

    @Override
    public @Nullable Batch next() throws IOException {
        try {
            if (!readers.nextBatch()) {
                return null;
            }
            var vectors = new ColumnVector[columns.size()];
            for (int i = 0; i < vectors.length; i++) {
                ParquetColumn column = columns.get(i);
                vectors[i] = column.read(readers.getColumnReader(column.leaf()));
            }
            rowsRead += readers.getRecordCount();
            return Batch.of(readers.getRecordCount(), vectors);
        } catch (RuntimeException e) {
            throw data(e);
        }
    }

    @Override
    public void close() throws IOException {
        readers.close();
        file.close();
    }

    private static IOException footer(ByteSource source, Exception e) throws IOException {
        IOException failure = sourceFailure(e);
        if (failure != null) {
            return failure;
        }
        var broken = new FormatException(
                source.name(),
                -1,
                Math.max(0, source.size() - 8),
                "the Parquet footer, which ends here, cannot be read (" + e.getMessage()
                        + "); the file was cut off or overwritten: write or upload it again");
        broken.initCause(e);
        return broken;
    }

    private IOException data(RuntimeException e) {
        IOException failure = sourceFailure(e);
        if (failure != null) {
            return failure;
        }
        var broken = new FormatException(
                source.name(),
                -1,
                rowGroupStart(),
                "the row group that begins here cannot be read after row " + rowsRead + " (" + causes(e)
                        + "); the file is damaged: write or upload it again");
        broken.initCause(e);
        return broken;
    }

    /** First byte of the row group that holds the first row that was not read. */
    private long rowGroupStart() {
        long rows = 0;
        for (RowGroup group : file.getFileMetaData().rowGroups()) {
            rows += group.numRows();
            if (rowsRead < rows) {
                return group.columns().stream()
                        .mapToLong(ColumnChunk::chunkStartOffset)
                        .min()
                        .orElse(-1);
            }
        }
        return -1;
    }

    private static String causes(Throwable e) {
        var text = new StringBuilder(String.valueOf(e.getMessage()));
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && text.indexOf(cause.getMessage()) < 0) {
                text.append(": ").append(cause.getMessage());
            }
        }
        return text.toString();
    }

    private static @Nullable IOException sourceFailure(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SourceFile.SourceFailure failure) {
                return failure.source();
            }
        }
        return null;
    }
}
