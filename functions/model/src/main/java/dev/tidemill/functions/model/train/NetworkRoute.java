package dev.tidemill.functions.model.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.CombineData;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.FailureData;
import dev.tidemill.api.Json;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.Part;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.api.TrainData;
import dev.tidemill.dataflow.Formats;
import dev.tidemill.dataflow.ObjectSource;
import dev.tidemill.functions.model.graph.Natives;
import dev.tidemill.learn.Examples;
import dev.tidemill.learn.LearnException;
import dev.tidemill.learn.TrainedModels;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import dev.tidemill.profile.RecordReader;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.Serial;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers what trains a network: a round is an epoch over one shard with all of the rows, whose reply is the network as it is then.
 * Blocks.
 */
public final class NetworkRoute {

    private static final String PROFILE = "profile";

    private final ObjectClient store;
    private final Natives natives;

    public NetworkRoute(ObjectClient store, Natives natives) {
        this.store = store;
        this.natives = natives;
    }

    /**
     * The reply's type and its JSON.
     *
     * @throws IOException what is worth another try
     */
    public Reply answer(String type, byte[] data) throws IOException {
        try {
            JsonNode result = switch (type) {
                case EventTypes.SHARD -> epoch(Json.mapper().readValue(data, ShardData.class));
                case EventTypes.COMBINE -> finish(Json.mapper().readValue(data, CombineData.class));
                default ->
                    throw new LearnException(
                            "UnknownEvent",
                            "this server trains, and takes %s and %s, not %s"
                                    .formatted(EventTypes.SHARD, EventTypes.COMBINE, type));
            };
            return new Reply(type + ".result", Json.bytes(result));
        } catch (LearnException e) {
            return failure(new FailureData(e.reason(), String.valueOf(e.getMessage()), null, null, null));
        } catch (BadObjectException e) {
            return failure(e.failure);
        } catch (FormatException e) {
            return failure(new FailureData("BadInput", e.problem(), e.object(), e.line(), e.byteOffset()));
        }
    }

    /** A CloudEvent in reply; its data is JSON. */
    public record Reply(String type, byte[] data) {}

    /** One of the objects has no rows to learn from. */
    private static final class BadObjectException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        private final transient FailureData failure;

        BadObjectException(FailureData failure) {
            super(failure.message(), null, false, false);
            this.failure = failure;
        }
    }

    private static Reply failure(FailureData failure) {
        return new Reply(EventTypes.FAILURE, Json.bytes(failure));
    }

    private JsonNode epoch(ShardData shard) throws IOException {
        TrainData settings = settings(shard.settings());
        NetworkLearner learner = NetworkLearner.of(settings);
        NetworkLearner.Table table = new NetworkLearner.Table(new ArrayList<>(), new ArrayList<>());
        Profile.Sum profile = new Profile.Sum();
        S3Prefix binding = shard.functionData().values().stream()
                .filter(candidate -> candidate.objects() != null)
                .findFirst()
                .orElseThrow(() -> new LearnException("BadRequest", "no binding of function_data has objects"));
        Format format = Formats.of(Objects.requireNonNullElse(binding.format(), DataFormat.AUTO));
        for (ObjectRange range : Objects.requireNonNull(binding.objects())) {
            ObjectSource source = ObjectSource.of(store, binding.bucket(), range);
            try (RecordReader rows = RecordReader.open(source, format)) {
                Examples.read(rows, source.name(), settings, (x, target) -> {
                    table.x().add(x.clone());
                    table.targets().add(target);
                });
            } catch (LearnException e) {
                throw new BadObjectException(
                        new FailureData(e.reason(), String.valueOf(e.getMessage()), source.name(), null, null));
            }
            if (shard.state() == null) {
                profile.add(new Profiler().profile(source, format));
            }
        }
        ObjectNode next = learner.epoch(table, shard.state(), natives).toJson();
        next.put("rows", table.x().size());
        return shard.state() == null
                ? next.put(
                        PROFILE,
                        Base64.getEncoder().encodeToString(profile.profile().toBytes()))
                : next;
    }

    private JsonNode finish(CombineData data) throws IOException {
        if (data.parts().size() != 1 || data.finish() == null) {
            throw new LearnException(
                    "TooManyObjects",
                    "a neural network is trained by one function: its Dataset may have 1,000 objects at most");
        }
        TrainData settings = settings(data.settings());
        ObjectNode state = (ObjectNode) Json.mapper().readTree(read(data.parts().getFirst()));
        JsonNode seen = state.remove(PROFILE);
        Profile profile =
                seen == null ? null : Profile.fromBytes(Base64.getDecoder().decode(seen.asText()));
        return new TrainedModels(store, settings, data.finish(), data.state())
                .keep(
                        NetworkLearner.of(settings).outcome(state),
                        state.path("rows").asLong(),
                        profile);
    }

    private byte[] read(Part part) throws IOException {
        return switch (part) {
            case Part.Body body -> body.bytes();
            case Part.Reference reference -> {
                try (var body = store.open(URI.create(reference.dataref()))) {
                    yield body.readAllBytes();
                }
            }
        };
    }

    private static TrainData settings(@Nullable JsonNode settings) {
        if (settings == null) {
            throw new LearnException("BadRequest", "there are no settings: only a Model with spec.train calls this");
        }
        return Json.mapper().convertValue(settings, TrainData.class);
    }
}
