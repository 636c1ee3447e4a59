package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.CombineData;
import dev.tidemill.api.CombineData.Finish;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.GenerateData;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.OutputTarget;
import dev.tidemill.api.Part;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.shards.Shard;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the events that one stage of one Dataset sends. */
final class Calls {

    private static final String BINDING = "input";

    private final Task task;
    private final Trace trace;
    private final FunctionTarget function;
    private final String bucket;
    private final String prefix;
    private final DataFormat format;
    private final int scale;
    private final @Nullable JsonNode state;

    /**
     * @param format how the objects are read
     * @param scale shards in all, 0 where nobody asked for a number
     * @param state what the last round came to, or null
     */
    Calls(
            Task task,
            Trace trace,
            FunctionTarget function,
            String bucket,
            String prefix,
            DataFormat format,
            int scale,
            @Nullable JsonNode state) {
        this.task = task;
        this.trace = trace;
        this.function = function;
        this.bucket = bucket;
        this.prefix = prefix;
        this.format = format;
        this.scale = scale;
        this.state = state;
    }

    FunctionClient.Event shard(Shard shard, String partId, @Nullable OutputTarget output) {
        if (task.input() instanceof Input.Generated generated && output != null) {
            int index = Integer.parseInt(shard.pieces().getFirst().object().key());
            DataFormat.Type type = output.format() == null ? DataFormat.Type.Csv : output.format();
            return event(EventTypes.GENERATE, partId, new GenerateData(generated.generate(), index, type));
        }
        List<ObjectRange> objects = shard.pieces().stream()
                .map(piece -> new ObjectRange(
                        piece.object().key(),
                        piece.object().etag(),
                        piece.object().size(),
                        piece.offset(),
                        piece.length(),
                        piece.header()))
                .toList();
        Map<String, S3Prefix> bindings = new HashMap<>(function.data());
        String name = binding();
        S3Prefix declared = bindings.get(name);
        bindings.put(
                name,
                new S3Prefix(
                        declared == null ? "AWS_S3_Prefix" : declared.type(),
                        bucket,
                        declared == null ? prefix : declared.s3Prefix(),
                        scale == 0 ? null : scale,
                        shard.index() < 0 ? null : shard.index(),
                        format,
                        objects));
        return event(
                EventTypes.SHARD, partId, new ShardData(function.name(), bindings, output, function.settings(), state));
    }

    FunctionClient.Event combine(String partId, int level, List<Part> parts, @Nullable Finish finish) {
        return event(
                EventTypes.COMBINE,
                partId,
                new CombineData(function.name(), function.data(), level, parts, function.settings(), state, finish));
    }

    /** The declared binding over the objects, or else one that is named after the Dataset that shows them. */
    private String binding() {
        for (Map.Entry<String, S3Prefix> declared : function.data().entrySet()) {
            if (bucket.equals(declared.getValue().bucket())
                    && prefix.startsWith(declared.getValue().s3Prefix())) {
                return declared.getKey();
            }
        }
        return task.input() instanceof Input.Committed(DatasetRef parent)
                ? parent.name().replace('-', '_')
                : BINDING;
    }

    private FunctionClient.Event event(String type, String partId, Object data) {
        return new FunctionClient.Event(
                partId,
                EventTypes.datasetSource(
                        task.dataset().namespace(), task.dataset().name()),
                type,
                null,
                "application/json",
                Map.of(EventExtensions.TRACE_PARENT, trace.parent(partId)),
                Json.bytes(data));
    }
}
