package dev.tidemill.operator.model;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.store.StoreException;
import org.jspecify.annotations.Nullable;

/** What tells the object that a Model is loaded from apart from what lay there before. */
sealed interface Artifact {

    /** The condition that says that there is none. */
    String TYPE = "Artifact";

    /**
     * @param version becomes {@link Labels#ARTIFACT}: with another one comes a new revision
     * @param etag that of the only object which a pod may load; null where the declared digest says so
     */
    record Known(String version, @Nullable String etag) implements Artifact {}

    /** There is none, or the store did not say. */
    record Missing(Verdict verdict) implements Artifact {}

    static String address(ModelSpec.Source source) {
        return "s3://" + source.bucket() + "/" + source.key();
    }

    /** A digest is a promise that the server keeps; without one the store is asked for what is there now. */
    static Artifact of(ModelSpec.Source source, OpenStore store) {
        if (source.sha256() != null) {
            return new Known("sha256:" + source.sha256(), null);
        }
        var address = address(source);
        try {
            return store.client()
                    .head(source.bucket(), source.key())
                    .<Artifact>map(found -> new Known("etag:" + found.etag(), found.etag()))
                    .orElseGet(() -> new Missing(Verdict.no(
                            TYPE,
                            "ArtifactMissing",
                            "there is no object %s: put it there, or correct spec.source".formatted(address))));
        } catch (StoreException.NoSuchBucket e) {
            return new Missing(Verdict.no(
                    TYPE, "ArtifactMissing", "there is no bucket %s: correct spec.source".formatted(source.bucket())));
        } catch (StoreException e) {
            return new Missing(Verdict.unknown(TYPE, "StoreNotReady", address + ": " + e.getMessage()));
        }
    }
}
