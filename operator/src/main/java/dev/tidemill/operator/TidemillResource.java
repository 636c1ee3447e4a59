package dev.tidemill.operator;

import dev.tidemill.api.Metadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A custom resource whose spec and status are the records of {@code core/api}. Records have no empty instance to begin with, so
 * that both are null until they are set.
 */
public abstract class TidemillResource<S, T> extends CustomResource<S, T> {

    /** While it is {@code "true"} the operator leaves the resource and what belongs to it alone. */
    public static final String PAUSED = "tidemill.dev/paused";

    /**
     * When to look at a resource again whose status was just written. JOSDK 5.3 drops what it hears of a resource of before its own write
     * to it: a deletion in that moment would never be seen.
     */
    public static final Duration AFTER_WRITE = Duration.ofSeconds(2);

    @Override
    protected @Nullable S initSpec() {
        return null;
    }

    @Override
    protected @Nullable T initStatus() {
        return null;
    }

    /**
     * Without the record of who set which field. It is more than half of a Dataset in memory, in informers and in whatever waits for
     * them, and nobody here reads it of these kinds.
     */
    @Override
    public void setMetadata(ObjectMeta metadata) {
        metadata.setManagedFields(List.of());
        super.setMetadata(metadata);
    }

    public String name() {
        return getMetadata().getName();
    }

    public String namespace() {
        return Objects.requireNonNull(getMetadata().getNamespace(), "a namespaced resource without a namespace");
    }

    public long generation() {
        return Objects.requireNonNullElse(getMetadata().getGeneration(), 0L);
    }

    public @Nullable String annotation(String key) {
        var annotations = getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(key);
    }

    /** The metadata as core knows it. */
    public Metadata metadataRecord() {
        var meta = getMetadata();
        var created = meta.getCreationTimestamp();
        return new Metadata(
                meta.getName(),
                meta.getNamespace(),
                Objects.requireNonNullElse(meta.getLabels(), Map.of()),
                Objects.requireNonNullElse(meta.getAnnotations(), Map.of()),
                meta.getUid(),
                meta.getGeneration(),
                created == null ? null : Instant.parse(created));
    }

    public boolean paused() {
        return "true".equals(annotation(PAUSED));
    }

    /** What {@code kubectl} calls it, such as {@code dataset/rand-data}. */
    public String reference() {
        return getKind().toLowerCase(Locale.ROOT) + "/" + name();
    }
}
