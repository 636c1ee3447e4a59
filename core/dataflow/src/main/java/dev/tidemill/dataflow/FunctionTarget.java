package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.S3Prefix;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A function as one run calls it: where it is, and everything that decides what it computes.
 *
 * @param url the pinned revision's own route; not part of the fingerprint
 * @param version image digest, a built-in's algorithm version, or a nonce for a URL whose code nobody knows
 * @param handler the entry point inside the image, or null
 * @param environment digest of environment and configuration, without credentials and revision names
 * @param data becomes {@code function_data}: the declared bindings by name, without objects; may be empty
 * @param sideInputs every Dataset that the function reads beside its input, by the name of the binding; their revisions are part of
 *     the fingerprint
 * @param timeout of one call, at most seven minutes
 * @param ranges whether it understands byte ranges; everything else gets whole objects
 * @param settings what it is told with each shard, or null
 */
public record FunctionTarget(
        String name,
        URI url,
        String version,
        @Nullable String handler,
        String environment,
        Map<String, S3Prefix> data,
        Map<String, DatasetRef> sideInputs,
        Duration timeout,
        boolean ranges,
        @Nullable JsonNode settings) {

    /** The longest that dispatched work may take, so that a slice's reply still fits the materializer's own timeout. */
    public static final Duration LONGEST = Duration.ofMinutes(7);

    public FunctionTarget {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("function " + name + ": timeout " + timeout
                    + " must be positive and at most 7 minutes for work that a Dataset dispatches");
        }
        data = Map.copyOf(data);
        sideInputs = Map.copyOf(sideInputs);
    }

    /** Whether it makes nothing of a part of a shard: such work is not halved, and what it says of it is said of all objects. */
    boolean takesAllOrNothing() {
        return name.equals(Builtin.TRAIN_NETWORK.key());
    }

    /** The same, of which is known what it reads beside its input. */
    FunctionTarget reading(Map<String, DatasetRef> others) {
        return new FunctionTarget(name, url, version, handler, environment, data, others, timeout, ranges, settings);
    }

    /** The same, which is told this with each shard. */
    FunctionTarget told(JsonNode what) {
        return new FunctionTarget(name, url, version, handler, environment, data, sideInputs, timeout, ranges, what);
    }

    /** A function without configuration. */
    public static FunctionTarget of(String name, URI url, String version, Duration timeout) {
        return new FunctionTarget(name, url, version, null, "", Map.of(), Map.of(), timeout, false, null);
    }
}
