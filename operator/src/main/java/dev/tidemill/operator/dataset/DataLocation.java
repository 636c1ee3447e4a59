package dev.tidemill.operator.dataset;

import dev.tidemill.api.Access;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.operator.store.Opening;
import java.util.Optional;

/** Where the objects of a Dataset lie. */
public final class DataLocation {

    private DataLocation() {}

    /** What has to be opened to read or to write them; empty for a Dataset that is one value. */
    public static Optional<Opening> of(DatasetSpec spec, Access access) {
        if (spec.source() != null) {
            return Optional.of(new Opening(spec.source().bucket(), spec.source().prefix(), access));
        }
        return Optional.ofNullable(spec.output()).map(output -> new Opening(output.bucket(), output.prefix(), access));
    }
}
