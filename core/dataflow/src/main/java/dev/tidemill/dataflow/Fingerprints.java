package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.DatasetSpec.Reprocess;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.internal.ledger.Digests;
import dev.tidemill.dataflow.internal.ledger.Fingerprint;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Manifest.StageRecord;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says what a task would compute, as the hash of canonical JSON. Everything that changes a result is in it; credentials, routes
 * and revision names are not.
 */
final class Fingerprints {

    private final Task task;
    private final ToLongFunction<DatasetRef> revisions;

    /** @param revisions the committed revision of a Dataset that is read beside the input */
    Fingerprints(Task task, ToLongFunction<DatasetRef> revisions) {
        this.task = task;
        this.revisions = revisions;
    }

    /** What the ledger's plans and inventory are for: another hash drops them. */
    String spec() {
        ObjectNode spec = JsonNodeFactory.instance.objectNode();
        spec.set("input", Json.MAPPER.valueToTree(task.input()));
        spec.set("output", Json.MAPPER.valueToTree(task.output()));
        return hash(spec);
    }

    /** Of the parts that make the Dataset's objects or value, read from this bucket. */
    Fingerprint data(FunctionTarget function, String inputBucket, @Nullable StageRecord committed) {
        ObjectNode context = context(inputBucket);
        context.set("output", Json.MAPPER.valueToTree(task.output()));
        context.put("combined", task.combine() != null);
        context.set("sideInputs", sideInputs());
        String contextHash = hash(context);
        if (task.policy().reprocess() == Reprocess.OnInputChange
                && committed != null
                && committed.fingerprint().context().equals(contextHash)) {
            // A new function for new input only: what is committed stays valid under its old name.
            return committed.fingerprint();
        }
        FunctionTarget combine = task.combine();
        return new Fingerprint(
                hash(context.deepCopy().set("function", function(function))),
                combine == null ? null : hash(context.deepCopy().set("combine", function(combine))),
                contextHash);
    }

    /**
     * Of the parts of one round. Its context is the same in all of them, whatever is their state.
     *
     * @param state what the last round came to, or null
     */
    Fingerprint round(FunctionTarget function, FunctionTarget combine, String inputBucket, @Nullable JsonNode state) {
        ObjectNode context = context(inputBucket);
        context.set("function", function(function));
        context.set("combine", function(combine));
        String contextHash = hash(context);
        context.set("state", state);
        String round = hash(context);
        return new Fingerprint(round, Digests.hex(round + " combine"), contextHash);
    }

    /** Of the parts of the profile. */
    Fingerprint profile(FunctionTarget profiler, String inputBucket) {
        ObjectNode context = context(inputBucket);
        context.put("profile", true);
        context.set("function", function(profiler));
        String hash = hash(context);
        return new Fingerprint(hash, Digests.hex(hash + " combine"), hash);
    }

    private ObjectNode context(String inputBucket) {
        ObjectNode context = JsonNodeFactory.instance.objectNode();
        context.put("bucket", inputBucket);
        context.set("format", Json.MAPPER.valueToTree(task.format()));
        context.put("scale", task.partition().scale());
        if (task.input() instanceof Input.Generated generated) {
            context.set("generate", Json.MAPPER.valueToTree(generated));
        }
        return context;
    }

    /** The revision of everything that the functions read beside the input; they are inputs, too. */
    private ObjectNode sideInputs() {
        ObjectNode pinned = JsonNodeFactory.instance.objectNode();
        Stream.of(task.function(), task.combine())
                .flatMap(Stream::ofNullable)
                .flatMap(target -> target.sideInputs().values().stream())
                .forEach(other -> pinned.put(other.uid(), revisions.applyAsLong(other)));
        return pinned;
    }

    private static ObjectNode function(FunctionTarget target) {
        ObjectNode function = JsonNodeFactory.instance.objectNode();
        function.put("name", target.name());
        function.put("version", target.version());
        function.put("handler", target.handler());
        function.put("environment", target.environment());
        function.set("data", Json.MAPPER.valueToTree(target.data()));
        if (target.settings() != null) {
            function.set("settings", target.settings());
        }
        return function;
    }

    private static String hash(JsonNode value) {
        return Digests.hex(Json.canonical(value));
    }
}
