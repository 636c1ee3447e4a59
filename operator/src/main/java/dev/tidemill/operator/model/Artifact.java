package dev.tidemill.operator.model;

import dev.tidemill.api.Access;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.Opening;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.StoreException;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The object that a Model is loaded from. Its pods load a copy, which nobody replaces: whatever becomes of the object, a revision that
 * was made for it starts from zero as what it was.
 */
sealed interface Artifact {

    /** The condition that says that there is none. */
    String TYPE = "Artifact";

    /**
     * @param version becomes {@link Labels#ARTIFACT}: with another one comes a new revision
     * @param copy where it lies in the state bucket: {@code s3://bucket/key}
     */
    record Known(String version, String copy) implements Artifact {}

    /** There is none, or the store did not say. */
    record Missing(Verdict verdict) implements Artifact {}

    /** Where the copies of a Model lie in the state bucket; no Dataset has a name with an underscore. */
    static String folder(String namespace, String model) {
        return namespace + "/_models/" + model + "/";
    }

    /** What its pods open. */
    static Opening copies(OpenStore store, String namespace, String model) {
        return new Opening(store.spec().stateBucket(), folder(namespace, model), Access.Read);
    }

    /**
     * What is there now; the store has been told to copy it.
     *
     * @param folder for the copies
     * @param answering finds the copies that what answers now is loaded from; asked only where another one is made
     */
    static Artifact of(ModelSpec.Source source, OpenStore store, String folder, Supplier<Set<String>> answering) {
        var address = "s3://" + source.bucket() + "/" + source.key();
        try {
            var found = store.client().head(source.bucket(), source.key());
            if (found.isEmpty()) {
                return new Missing(Verdict.no(
                        TYPE,
                        "ArtifactMissing",
                        "there is no object %s: put it there, or correct spec.source".formatted(address)));
            }
            var etag = found.get().etag();
            var bucket = store.spec().stateBucket();
            var copy = "s3://" + bucket + "/" + folder + etag;
            if (store.client().head(bucket, folder + etag).isEmpty()) {
                var kept = answering.get();
                store.client()
                        .delete(
                                bucket,
                                store.client().list(bucket, folder, null).objects().stream()
                                        .map(ObjectInfo::key)
                                        .filter(key -> !kept.contains("s3://" + bucket + "/" + key))
                                        .toList());
                store.client().copy(source.bucket(), source.key(), etag, bucket, folder + etag);
            }
            return new Known(source.sha256() == null ? "etag:" + etag : "sha256:" + source.sha256(), copy);
        } catch (StoreException.NoSuchBucket e) {
            return new Missing(Verdict.no(
                    TYPE, "ArtifactMissing", "there is no bucket %s: correct spec.source".formatted(source.bucket())));
        } catch (StoreException e) {
            return new Missing(Verdict.unknown(TYPE, "StoreNotReady", address + ": " + e.getMessage()));
        }
    }
}
