package dev.tidemill.functions.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.CombineData;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.FailureData;
import dev.tidemill.api.Json;
import dev.tidemill.api.ShardData;
import dev.tidemill.api.TrainData;
import dev.tidemill.functions.sdk.Partial;
import dev.tidemill.functions.sdk.RefusedException;
import dev.tidemill.functions.sdk.Result;
import dev.tidemill.functions.sdk.ShardObject;
import dev.tidemill.functions.sdk.Tidemill;
import dev.tidemill.learn.Examples;
import dev.tidemill.learn.LearnException;
import dev.tidemill.learn.Learner;
import dev.tidemill.learn.Sums;
import dev.tidemill.learn.TrainedModels;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import dev.tidemill.profile.RecordReader;
import dev.tidemill.store.ObjectClient;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import io.quarkus.funqy.knative.events.EventAttribute;
import java.io.IOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Learns a Model in rounds: sums over a shard's rows, their merge, and what a round comes to. The first round looks at the rows with the
 * profiler, too; what it sees is kept beside the model, for live data to be compared with.
 */
public class TrainFunction {

    private static final String PROFILE = "profile";

    /** In Base64 beside the sums, of a reply of 32 MiB. */
    private static final int LARGEST_PROFILE = 8 << 20;

    private final Tidemill tidemill;
    private final ObjectClient store;

    TrainFunction(Tidemill tidemill, ObjectClient store) {
        this.tidemill = tidemill;
        this.store = store;
    }

    @Funq("train.shard")
    @CloudEventMapping(
            trigger = EventTypes.SHARD,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.TRAIN))
    public CloudEvent<byte[]> shard(CloudEvent<byte[]> event) {
        return tidemill.answer(event, ShardData.class, data -> {
            TrainData settings = settings(data.settings());
            Learner.Round round = round(settings, data.state());
            Sums sums = round.empty();
            Profile.Sum profile = new Profile.Sum();
            for (ShardObject object : tidemill.open(data).objects()) {
                String name = object.source().name();
                try (RecordReader rows = RecordReader.open(object.source(), object.format())) {
                    Examples.read(rows, name, settings, (x, target) -> round.add(sums, x, target));
                } catch (LearnException e) {
                    throw new RefusedException(
                            new FailureData(e.reason(), String.valueOf(e.getMessage()), name, null, null));
                }
                if (data.state() == null) {
                    profile.add(new Profiler().profile(object.source(), object.format()));
                }
            }
            return result(sums, data.state() == null ? profile.profile() : null);
        });
    }

    @Funq("train.combine")
    @CloudEventMapping(
            trigger = EventTypes.COMBINE,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.TRAIN))
    public CloudEvent<byte[]> combine(CloudEvent<byte[]> event) {
        return tidemill.answer(event, CombineData.class, data -> {
            try {
                return combine(data, settings(data.settings()));
            } catch (LearnException e) {
                throw new RefusedException(e.reason(), String.valueOf(e.getMessage()));
            }
        });
    }

    private Result combine(CombineData data, TrainData settings) throws IOException {
        Learner.Round round = round(settings, data.state());
        Sums sums = round.empty();
        Profile.Sum profile = new Profile.Sum();
        for (Partial part : tidemill.open(data)) {
            JsonNode json = part.json();
            sums.merge(Sums.fromJson(json));
            if (json.has(PROFILE)) {
                profile.add(Profile.fromBytes(
                        Base64.getDecoder().decode(json.get(PROFILE).asText())));
            }
        }
        Profile seen = data.state() == null ? profile.profile() : null;
        return data.finish() == null
                ? result(sums, seen)
                : Result.json(new TrainedModels(store, settings, data.finish(), data.state())
                        .keep(round.finish(sums), sums.rows(), seen));
    }

    private static TrainData settings(@Nullable JsonNode settings) {
        if (settings == null) {
            throw new RefusedException("BadRequest", "there are no settings: only a Model with spec.train calls this");
        }
        return Json.mapper().convertValue(settings, TrainData.class);
    }

    private static Learner.Round round(TrainData settings, @Nullable JsonNode state) {
        try {
            return Learner.of(settings).round(state);
        } catch (LearnException e) {
            throw new RefusedException(e.reason(), String.valueOf(e.getMessage()));
        }
    }

    private static Result result(Sums sums, @Nullable Profile profile) {
        ObjectNode json = sums.toJson();
        if (profile != null) {
            json.put(PROFILE, Base64.getEncoder().encodeToString(profile.toBytes(LARGEST_PROFILE)));
        }
        return Result.json(json);
    }
}
