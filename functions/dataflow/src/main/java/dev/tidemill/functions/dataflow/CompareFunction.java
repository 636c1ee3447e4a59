package dev.tidemill.functions.dataflow;

import dev.tidemill.api.CompareData;
import dev.tidemill.api.EventTypes;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.functions.sdk.RefusedException;
import dev.tidemill.functions.sdk.Result;
import dev.tidemill.functions.sdk.Tidemill;
import dev.tidemill.profile.Profile;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreException;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import java.io.IOException;

/** How far a Model's live inputs have moved from what it was trained on, by the profiles of both. */
public class CompareFunction {

    private final Tidemill tidemill;
    private final ObjectClient store;

    CompareFunction(Tidemill tidemill, ObjectClient store) {
        this.tidemill = tidemill;
        this.store = store;
    }

    @Funq("compare")
    @CloudEventMapping(trigger = EventTypes.MODEL_COMPARE)
    public CloudEvent<byte[]> compare(CloudEvent<byte[]> event) {
        return tidemill.answer(
                event,
                CompareData.class,
                data -> Result.json(Drift.compare(data, profile(data.reference()), profile(data.live()))));
    }

    private Profile profile(String address) throws IOException {
        String[] place = address.replaceFirst("^s3://", "").split("/", 2);
        if (!address.startsWith("s3://") || place.length < 2) {
            throw new RefusedException("BadRequest", address + " is no address of a profile");
        }
        try (var body = store.get(place[0], place[1], ObjectClient.ReadOptions.ALL)) {
            return Profile.fromBytes(body.stream().readAllBytes());
        } catch (StoreException.NoSuchKey e) {
            throw new RefusedException("ProfileMissing", address + " is gone: a newer revision has taken its place");
        }
    }
}
