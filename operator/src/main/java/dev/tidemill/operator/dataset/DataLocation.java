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
        return spec.place().map(place -> new Opening(place.bucket(), place.s3Prefix(), access));
    }
}
