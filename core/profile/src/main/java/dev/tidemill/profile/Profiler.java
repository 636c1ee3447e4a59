package dev.tidemill.profile;

import dev.tidemill.profile.internal.Readers;
import dev.tidemill.profile.internal.column.TableSummary;
import java.io.IOException;

/**
 * Reads a source once and says what its columns look like.
 *
 * <pre>{@code Profile profile = new Profiler().profile(ByteSource.of(Path.of("orders.csv")), new Format.Auto());}</pre>
 */
public final class Profiler {

    /** The profile of the whole source. */
    public Profile profile(ByteSource source, Format format) throws IOException {
        TableSummary table = new TableSummary();
        try (var reader = Readers.open(source, format)) {
            table.addAll(reader);
        }
        return new Profile(table);
    }
}
