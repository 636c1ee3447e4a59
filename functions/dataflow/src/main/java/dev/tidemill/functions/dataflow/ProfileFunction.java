package dev.tidemill.functions.dataflow;

import dev.tidemill.api.CombineData;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.ShardData;
import dev.tidemill.profile.Profile;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import io.quarkus.funqy.knative.events.EventAttribute;

/** What a shard looks like, and what many of them look like together, in the profile's binary form. */
public class ProfileFunction {

    /** A reply may have 32 MiB; a table of thousands of columns gives up precision to fit. */
    private static final int LARGEST_BODY = 30 << 20;

    private final Shards shards;

    ProfileFunction(Shards shards) {
        this.shards = shards;
    }

    @Funq("profile.shard")
    @CloudEventMapping(
            trigger = EventTypes.SHARD,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.PROFILE))
    public CloudEvent<byte[]> shard(CloudEvent<byte[]> event) {
        return Answer.to(event, ShardData.class, data -> {
            Profile.Sum sum = new Profile.Sum();
            for (Shards.Piece piece : shards.of(data).pieces()) {
                sum.add(piece.profile());
            }
            return body(sum.profile());
        });
    }

    @Funq("profile.combine")
    @CloudEventMapping(
            trigger = EventTypes.COMBINE,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.PROFILE))
    public CloudEvent<byte[]> combine(CloudEvent<byte[]> event) {
        return Answer.to(event, CombineData.class, data -> {
            Profile.Sum sum = new Profile.Sum();
            for (byte[] part : shards.parts(data)) {
                sum.add(Profile.fromBytes(part));
            }
            return body(sum.profile());
        });
    }

    private static Answer.Body body(Profile profile) {
        return new Answer.Body(profile.toBytes(LARGEST_BODY), Profile.CONTENT_TYPE);
    }
}
