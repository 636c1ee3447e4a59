package dev.tidemill.functions.sdk;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.dataflow.Formats;
import dev.tidemill.dataflow.ObjectSource;
import dev.tidemill.dataflow.UnresolvedException;
import dev.tidemill.profile.Format;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.InputStream;

/**
 * All of an object, or whole records of it where the Function declares {@code ranges}.
 *
 * @param source all of the object, in the version that is meant
 * @param declared how the Dataset says that it is written
 * @param range the part to work on
 */
public record ShardObject(ObjectSource source, DataFormat declared, ObjectRange range) {

    public String key() {
        return source.key();
    }

    /**
     * How to read it.
     *
     * @throws UnresolvedException for what has no rows, as images; it becomes a final failure
     */
    public Format format() {
        return Formats.of(declared);
    }

    /** The bytes to work on; the caller closes them. */
    public InputStream open() {
        return range.length() == 0
                ? InputStream.nullInputStream()
                : source
                        .store()
                        .get(
                                source.bucket(),
                                source.key(),
                                new ObjectClient.ReadOptions(range.offset(), range.length(), source.etag()))
                        .stream();
    }

    /** {@link #open} as a whole. */
    public byte[] bytes() throws IOException {
        try (InputStream in = open()) {
            return in.readAllBytes();
        }
    }
}
