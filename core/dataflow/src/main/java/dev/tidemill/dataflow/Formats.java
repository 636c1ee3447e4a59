package dev.tidemill.dataflow;

import dev.tidemill.api.DataFormat;
import dev.tidemill.profile.Format;
import java.util.Objects;

/** A declared format as the readers take it. */
public final class Formats {

    private Formats() {}

    /** @throws UnresolvedException for what has no rows */
    public static Format of(DataFormat declared) {
        return switch (declared.type()) {
            case Auto -> declared.csv() == null ? new Format.Auto() : csv(declared.csv());
            case Csv -> declared.csv() == null ? Format.Csv.DEFAULT : csv(declared.csv());
            case JsonLines -> new Format.JsonLines();
            case Parquet -> new Format.Parquet();
            case Npy -> new Format.Npy();
            case Image, Raw ->
                throw new UnresolvedException("NotTabular", "objects of format " + declared.type() + " have no rows");
        };
    }

    private static Format.Csv csv(DataFormat.Csv csv) {
        Format.Header header = switch (Objects.requireNonNull(csv.header())) {
            case Auto -> Format.Header.AUTO;
            case Present -> Format.Header.PRESENT;
            case Absent -> Format.Header.ABSENT;
        };
        return new Format.Csv(
                csv.delimiter() == null ? null : csv.delimiter().charAt(0),
                csv.quote().charAt(0),
                header,
                csv.nullValues(),
                Format.Csv.DEFAULT.ragged());
    }
}
