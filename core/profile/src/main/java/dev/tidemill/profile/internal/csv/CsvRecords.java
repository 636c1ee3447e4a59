package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.ChunkSource;
import dev.tidemill.profile.internal.Chunks;
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.Records;
import dev.tidemill.profile.internal.kernel.Kernels;
import java.io.IOException;
import java.util.List;
import java.util.SortedSet;

/** A CSV source whose dialect is settled. */
public record CsvRecords(ByteSource source, Dialect dialect, Kernels kernels) implements Records {

    public static CsvRecords of(ByteSource source, Format.Csv format) throws IOException {
        return new CsvRecords(source, Sniffer.sniff(source, format), Kernels.best());
    }

    @Override
    public List<String> columns() {
        return dialect.names();
    }

    @Override
    public long dataStart() {
        return dialect.dataStart();
    }

    @Override
    public SortedSet<Long> starts(long from, long to) throws IOException {
        return CsvStarts.find(source, dialect, from, to);
    }

    @Override
    public Chunks chunks(long from, long to) throws IOException {
        return new Chunks(source, new CsvCutter(source, dialect, kernels), from, to);
    }

    @Override
    public BatchReader reader(ChunkSource chunks, FloatColumns floats) {
        return new CsvBatchReader(source, dialect, chunks, kernels, floats);
    }
}
