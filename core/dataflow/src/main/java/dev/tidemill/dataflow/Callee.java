package dev.tidemill.dataflow;

import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Json;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.S3Prefix;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A function that can be called now, and how often at once. */
public record Callee(FunctionTarget target, Assignment.Cap cap) {

    /** Of one process of a model: while one computes, the other is read and written. */
    private static final int SHARDS_AT_ONCE = 2;

    /**
     * A declared function.
     *
     * @param url of the pinned revision
     * @param version see {@link FunctionTarget}
     * @param datasets where the objects of each Dataset lie that a binding names
     */
    public static Callee of(
            String namespace, Function function, URI url, String version, Map<String, S3Prefix> datasets) {
        FunctionSpec spec = function.spec();
        String name = function.metadata().name();
        Map<String, S3Prefix> data = new HashMap<>();
        for (FunctionSpec.Binding binding : spec.data()) {
            S3Prefix place = place(binding, datasets);
            if (place == null) {
                throw new UnresolvedException(
                        "DatasetMissing",
                        "function %s reads dataset %s, which is not declared".formatted(name, binding.dataset()));
            }
            data.put(binding.name(), place);
        }
        Duration timeout = spec.timeout().duration();
        if (timeout.compareTo(FunctionTarget.LONGEST) > 0) {
            throw new UnresolvedException(
                    "TimeoutTooLong",
                    "function %s has a timeout of %s; for the work of a Dataset it is at most 7m"
                            .formatted(name, spec.timeout()));
        }
        return new Callee(
                new FunctionTarget(
                        name, url, version, spec.handler(), digest(spec), data, Map.of(), timeout, spec.ranges(), null),
                new Assignment.Cap(namespace + "/" + name, spec.maxConcurrency()));
    }

    /**
     * A model.
     *
     * @param model as the pinned revision serves it
     * @param pods of it at most
     * @param url of the pinned revision
     * @param version the digest of its artifact
     */
    public static Callee of(String namespace, Model model, int pods, URI url, String version) {
        ModelSpec spec = model.spec();
        String name = "model/" + model.metadata().name();
        return new Callee(
                new FunctionTarget(
                        name,
                        url,
                        version,
                        null,
                        digest(List.of(spec.format(), spec.inputs(), spec.outputs())),
                        Map.of(),
                        Map.of(),
                        Duration.ofMinutes(5),
                        true,
                        null),
                new Assignment.Cap(namespace + "/" + name, SHARDS_AT_ONCE * pods));
    }

    /** One of Tidemill's own that no resource declares: the profiler, the generator. */
    public static Callee of(String namespace, Builtin builtin, URI url, int atMost) {
        FunctionTarget target = new FunctionTarget(
                builtin.key(),
                url,
                builtin.version(),
                null,
                "",
                Map.of(),
                Map.of(),
                Duration.ofMinutes(5),
                builtin == Builtin.PROFILE,
                null);
        return new Callee(target, new Assignment.Cap(namespace + "/tidemill-" + builtin.key(), atMost));
    }

    private static @Nullable S3Prefix place(FunctionSpec.Binding binding, Map<String, S3Prefix> datasets) {
        String bucket = binding.bucket();
        return bucket == null
                ? datasets.get(binding.dataset())
                : new S3Prefix(
                        binding.type().name(),
                        bucket,
                        Objects.requireNonNullElse(binding.s3Prefix(), ""),
                        binding.scale(),
                        null,
                        null,
                        null);
    }

    /** What is configured and can change a result. */
    private static String digest(FunctionSpec spec) {
        if (spec.env().isEmpty() && spec.eventFormat() == FunctionSpec.EventFormat.Auto) {
            return "";
        }
        return digest(List.of(spec.env(), spec.runtime(), spec.eventFormat()));
    }

    private static String digest(List<?> settings) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(Json.bytes(settings));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
