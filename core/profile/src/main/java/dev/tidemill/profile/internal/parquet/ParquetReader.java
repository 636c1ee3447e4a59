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
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.FloatRows;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the row groups of a Parquet file whose middle lies in a byte range: over any partition of the file into ranges each row
 * group is read once.
 */
public final class ParquetReader implements BatchReader {

    private static final int VALUES_A_BATCH = 1 << 20;
    private static final int MAX_ROWS = 16 << 10;

    /** One is read and the next one is decoded: more would fill the memory. */
    private static final int GROUPS_AT_ONCE = 2;

    /** What is to become rows of float32 is read in pieces that stay in the caches until it has. */
    private static final int FLOATS_A_BATCH = 1 << 19;

    private final ByteSource source;
    private final ParquetFileReader file;
    private final List<ParquetColumn> columns;
    private final List<String> names;
    /** What is wanted as rows of float32, where it can be had so. */
    private final @Nullable NumberTable numbers;
    /** The columns that hardwood reads, by their positions. */
    private final int[] others;

    private final int batchRows;
    private final Queue<RowGroup> groups;
    /** Row groups that are decoded: the current one and those behind it. None before a row is asked for: many ask for the names only. */
    private final Queue<Started> started = new ArrayDeque<>();

    private long rowsRead;
    private long rowsLeft;

    private record Started(RowGroup group, ColumnReaders readers) {}

    private ParquetReader(ByteSource source, ParquetFileReader file, Queue<RowGroup> groups, FloatColumns floats)
            throws IOException {
        this.source = source;
        this.file = file;
        this.columns = ParquetColumn.of(file.getFileSchema());
        this.names =
                ColumnNames.unique(columns.stream().map(ParquetColumn::name).toList());
        this.numbers = numbers(source, floats, groups);
        int[] places = (numbers == null ? FloatColumns.NONE : floats).places(columns.size());
        this.others =
                IntStream.range(0, places.length).filter(i -> places[i] < 0).toArray();
        int values = numbers == null ? VALUES_A_BATCH : FLOATS_A_BATCH;
        this.batchRows = Math.clamp(values / Math.max(1, columns.size()), 64, MAX_ROWS);
        this.rowsLeft = groups.stream().mapToLong(RowGroup::numRows).sum();
        this.groups = groups;
    }

    /** As {@link #open(ByteSource, long, long, FloatColumns)}, without floats. */
    public static ParquetReader open(ByteSource source, long from, long to) throws IOException {
        return open(source, from, to, FloatColumns.NONE);
    }

    /**
     * Opens a file and reads its footer. The arrays of a batch stay as they are when the reader goes on.
     *
     * @param from first byte of the range
     * @param to first byte after it
     * @param floats what to give as rows of float32 in batches where they are plain numbers
     */
    public static ParquetReader open(ByteSource source, long from, long to, FloatColumns floats) throws IOException {
        SourceFile bytes = new SourceFile(source);
        ParquetFileReader file = openFile(source, bytes);
        try {
            bytes.check(new PageCheck(file.getFileMetaData().rowGroups()));
            var groups = new ArrayDeque<RowGroup>();
            for (RowGroup group : file.getFileMetaData().rowGroups()) {
                if (group.numRows() > 0 && middle(group) >= from && middle(group) < to) {
                    groups.add(group);
                }
            }
            return new ParquetReader(source, file, groups, floats);
        } catch (RuntimeException e) {
            file.close();
            throw footer(source, e);
        }
    }

    /** As {@link RowGroupPredicate#byteRange} has it. */
    private static long middle(RowGroup group) {
        long bytes = 0;
        for (ColumnChunk chunk : group.columns()) {
            bytes += chunk.metaData().totalCompressedSize();
        }
        return group.columns().getFirst().chunkStartOffset() + bytes / 2;
    }

    private @Nullable NumberTable numbers(ByteSource source, FloatColumns floats, Queue<RowGroup> groups)
            throws IOException {
        List<NumberTable.Column> wanted = new ArrayList<>();
        for (int position : floats.positions()) {
            NumberTable.Column column = columns.get(position).number(file.getFileSchema());
            if (column == null) {
                return null;
            }
            wanted.add(column);
        }
        return wanted.isEmpty()
                ? null
                : NumberTable.of(
                        new SourceFile(source),
                        wanted,
                        groups,
                        Runtime.getRuntime().maxMemory() / 2);
    }

    /** Begins to decode a row group, on all processors; what is decoded waits in memory. */
    private Started start(RowGroup group) {
        String[] leaves =
                Arrays.stream(others).mapToObj(i -> columns.get(i).leaf()).toArray(String[]::new);
        return new Started(
                group,
                file.buildColumnReaders(ColumnProjection.columns(leaves))
                        .filter(RowGroupPredicate.byteRange(middle(group), middle(group) + 1))
                        .batchSize(batchRows)
                        .build());
    }

    /** The readers of the row group that has the next batch, at that batch; null at the end. */
    private @Nullable ColumnReaders advance() {
        while (true) {
            while (started.size() < GROUPS_AT_ONCE && !groups.isEmpty()) {
                started.add(start(groups.remove()));
            }
            Started current = started.peek();
            if (current == null || current.readers().nextBatch()) {
                return current == null ? null : current.readers();
            }
            started.remove().readers().close();
        }
    }

    private static ParquetFileReader openFile(ByteSource source, SourceFile bytes) throws IOException {
        try {
            return ParquetFileReader.open(bytes);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // No memory for what a damaged length asks for: such an array was never made.
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
            ColumnReaders readers = others.length == 0 ? null : advance();
            int rows = readers == null ? (int) Math.min(batchRows, rowsLeft) : readers.getRecordCount();
            if (rows == 0 || (readers == null && others.length > 0)) {
                return null;
            }
            FloatRows floats = numbers == null ? null : numbers.next(rows);
            var vectors = new @Nullable ColumnVector[columns.size()];
            for (int i : others) {
                ParquetColumn column = columns.get(i);
                vectors[i] = column.read(Objects.requireNonNull(readers).getColumnReader(column.leaf()));
            }
            rowsRead += rows;
            rowsLeft -= rows;
            return Batch.with(rows, floats, vectors);
        } catch (RuntimeException | OutOfMemoryError e) {
            throw data(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (numbers != null) {
            numbers.close();
        }
        started.forEach(group -> group.readers().close());
        file.close();
    }

    private static IOException footer(ByteSource source, Throwable e) throws IOException {
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

    private IOException data(Throwable e) {
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

    /** First byte of the row group that is read. */
    private long rowGroupStart() {
        Started current = started.peek();
        return current == null
                ? -1
                : current.group().columns().stream()
                        .mapToLong(ColumnChunk::chunkStartOffset)
                        .min()
                        .orElse(-1);
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
