package dev.tidemill.functions.dataflow;

import dev.tidemill.api.EventTypes;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.functions.sdk.Partial;
import dev.tidemill.functions.sdk.Result;
import dev.tidemill.functions.sdk.ShardObject;
import dev.tidemill.functions.sdk.Tidemill;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import io.quarkus.funqy.knative.events.EventAttribute;
import java.io.IOException;

/** What a shard looks like, and what many of them look like together, in the profile's binary form. */
public class ProfileFunction {

    /** A reply may have 32 MiB; a table of thousands of columns gives up precision to fit. */
    private static final int LARGEST_BODY = 30 << 20;

    private final Tidemill tidemill;

    ProfileFunction(Tidemill tidemill) {
        this.tidemill = tidemill;
    }

    @Funq("profile.shard")
    @CloudEventMapping(
            trigger = EventTypes.SHARD,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.PROFILE))
    public CloudEvent<byte[]> shard(CloudEvent<byte[]> event) {
        return tidemill.shard(event, shard -> {
            Profile.Sum sum = new Profile.Sum();
            for (ShardObject object : shard.objects()) {
                sum.add(profile(object));
            }
            return result(sum.profile());
        });
    }

    @Funq("profile.combine")
    @CloudEventMapping(
            trigger = EventTypes.COMBINE,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.PROFILE))
    public CloudEvent<byte[]> combine(CloudEvent<byte[]> event) {
        return tidemill.combine(event, profiles -> {
            Profile.Sum sum = new Profile.Sum();
            for (Partial profile : profiles) {
                sum.add(Profile.fromBytes(profile.bytes()));
            }
            return result(sum.profile());
        });
    }

    private static Profile profile(ShardObject object) throws IOException {
        ObjectRange range = object.range();
        return range.whole()
                ? new Profiler().profile(object.source(), object.format())
                : new Profiler().profileRecords(object.source(), object.format(), range.offset(), range.length());
    }

    private static Result result(Profile profile) {
        return new Result(profile.toBytes(LARGEST_BODY), Profile.CONTENT_TYPE);
    }
}
