package dev.tidemill.profile.internal;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.csv.CsvBatchReader;
import dev.tidemill.profile.internal.csv.Dialect;
import dev.tidemill.profile.internal.csv.Sniffer;
import dev.tidemill.profile.internal.kernel.Kernels;
import java.io.IOException;

/** Opens the reader of a format. */
public final class Readers {
    private Readers() {}

    /** A reader of the whole source. */
    public static BatchReader open(ByteSource source, Format format) throws IOException {
        return switch (format) {
            case Format.Csv csv -> {
                Dialect dialect = Sniffer.sniff(source, csv);
                yield new CsvBatchReader(
                        source,
                        dialect,
                        CsvBatchReader.chunks(source, dialect, dialect.dataStart(), Long.MAX_VALUE),
                        Kernels.best());
            }
            case Format.Auto auto -> open(source, Format.Csv.DEFAULT);
            case Format.JsonLines jsonLines -> throw new UnsupportedOperationException("JsonLines");
            case Format.Parquet parquet -> throw new UnsupportedOperationException("Parquet");
            case Format.Npy npy -> throw new UnsupportedOperationException("Npy");
        };
    }
}
