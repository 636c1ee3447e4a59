package dev.tidemill.profile.internal;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.csv.CsvRecords;
import dev.tidemill.profile.internal.json.JsonRecords;
import java.io.IOException;

/** Opens the reader of a format. */
public final class Readers {
    private Readers() {}

    /** A reader of the whole source. */
    public static BatchReader open(ByteSource source, Format format) throws IOException {
        return switch (format) {
            case Format.Csv csv -> open(CsvRecords.of(source, csv), 0, Long.MAX_VALUE);
            case Format.JsonLines jsonLines -> open(new JsonRecords(source), 0, Long.MAX_VALUE);
            case Format.Auto auto -> open(source, Format.Csv.DEFAULT);
            case Format.Parquet parquet -> throw new UnsupportedOperationException("Parquet");
            case Format.Npy npy -> throw new UnsupportedOperationException("Npy");
        };
    }

    /** A reader of the records that start in a range, whose first byte is the source's or starts a record. */
    public static BatchReader open(ByteSource source, Format format, long offset, long length) throws IOException {
        if (offset == 0 && length >= source.size()) {
            return open(source, format);
        }
        return open(records(source, format), offset, offset + length);
    }

    private static BatchReader open(Records records, long offset, long to) throws IOException {
        return records.reader(records.chunks(Math.max(offset, records.dataStart()), to));
    }

    /** Whether sources of the format can be read from any record on. */
    public static boolean isRecords(Format format) {
        return switch (format) {
            case Format.Csv csv -> true;
            case Format.JsonLines jsonLines -> true;
            case Format.Auto auto -> false;
            case Format.Parquet parquet -> false;
            case Format.Npy npy -> false;
        };
    }

    /** The records of a source that can be cut. */
    public static Records records(ByteSource source, Format format) throws IOException {
        return switch (format) {
            case Format.Csv csv -> CsvRecords.of(source, csv);
            case Format.JsonLines jsonLines -> new JsonRecords(source);
            case Format.Auto auto -> CsvRecords.of(source, Format.Csv.DEFAULT);
            case Format.Parquet parquet -> throw notCut(source);
            case Format.Npy npy -> throw notCut(source);
        };
    }

    private static IllegalArgumentException notCut(ByteSource source) {
        return new IllegalArgumentException(source.name() + " cannot be cut at any byte; read it as a whole");
    }
}
