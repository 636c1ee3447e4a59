package dev.tidemill.profile.internal;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.codec.Codec;
import dev.tidemill.profile.internal.csv.CsvRecords;
import dev.tidemill.profile.internal.json.JsonRecords;
import dev.tidemill.profile.internal.npy.NpyReader;
import dev.tidemill.profile.internal.parquet.ParquetReader;
import java.io.IOException;
import java.util.List;

/** Opens the reader of a format. */
public final class Readers {
    private Readers() {}

    /** A reader of the whole source. */
    public static BatchReader open(Content content) throws IOException {
        return open(content, 0, Long.MAX_VALUE);
    }

    /**
     * A reader of the records that start in a range, whose first byte is the source's or starts a record; of Parquet, of the row groups
     * whose middle lies there.
     */
    public static BatchReader open(ByteSource source, Format format, long offset, long length) throws IOException {
        Content content = Content.of(source, format);
        return open(content, offset, end(source, content, offset, length));
    }

    /** Where a range ends; that of a whole source at the end of what is in it, which is more than its own bytes when it is packed. */
    private static long end(ByteSource source, Content content, long offset, long length) throws IOException {
        long to = offset + Math.min(length, Long.MAX_VALUE - offset);
        if (offset == 0 && to >= source.size()) {
            return Long.MAX_VALUE;
        }
        if (content.codec() != Codec.NONE || content.format() instanceof Format.Npy) {
            throw notCut(source);
        }
        return to;
    }

    private static BatchReader open(Content content, long offset, long to) throws IOException {
        return switch (content.format()) {
            case Format.Parquet parquet -> ParquetReader.open(content.source(), offset, to);
            case Format.Npy npy -> NpyReader.open(content.source());
            case Format.Raw raw -> new NoRows();
            case Format.Csv csv -> open(records(content), offset, to);
            case Format.JsonLines jsonLines -> open(records(content), offset, to);
            case Format.Auto auto -> throw new IllegalStateException("Content settles Auto");
        };
    }

    /**
     * A range as {@link #open} reads it, run by run.
     *
     * @param known of JSON Lines the columns that come first
     * @param floats what is wanted as rows of float32
     */
    public static Runs runs(
            ByteSource source, Format format, long offset, long length, List<String> known, FloatColumns floats)
            throws IOException {
        Content content = Content.of(source, format);
        long to = end(source, content, offset, length);
        return switch (content.format()) {
            case Format.Csv csv -> runs(records(content), offset, to, floats);
            case Format.JsonLines jsonLines -> runs(new JsonRecords(content.source(), known), offset, to, floats);
            case Format.Npy npy -> new Runs.OfBatches(NpyReader.open(content.source(), floats), false);
            case Format.Parquet parquet ->
                new Runs.OfBatches(ParquetReader.open(content.source(), offset, to, floats), true);
            case Format.Raw raw -> new Runs.OfBatches(new NoRows(), false);
            case Format.Auto auto -> throw new IllegalStateException("Content settles Auto");
        };
    }

    private static Runs runs(Records records, long offset, long to, FloatColumns floats) throws IOException {
        return new Runs.OfChunks(records, records.chunks(Math.max(offset, records.dataStart()), to), floats);
    }

    private static BatchReader open(Records records, long offset, long to) throws IOException {
        return records.reader(records.chunks(Math.max(offset, records.dataStart()), to));
    }

    /** The records of a source that can be cut. */
    public static Records records(ByteSource source, Format format) throws IOException {
        Content content = Content.of(source, format);
        if (content.codec() != Codec.NONE || !content.isRecords()) {
            throw notCut(source);
        }
        return records(content);
    }

    /** The records of CSV or JSON Lines, packed or not. */
    public static Records records(Content content) throws IOException {
        return content.format() instanceof Format.Csv csv
                ? CsvRecords.of(content.source(), csv)
                : new JsonRecords(content.source(), List.of());
    }

    private static IllegalArgumentException notCut(ByteSource source) {
        return new IllegalArgumentException(source.name() + " cannot be cut at any byte; read it as a whole");
    }
}
