package dev.tidemill.functions.dataflow;

import dev.tidemill.api.EventTypes;
import dev.tidemill.functions.sdk.Partial;
import dev.tidemill.functions.sdk.Result;
import dev.tidemill.functions.sdk.Tidemill;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import io.quarkus.funqy.knative.events.EventAttribute;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The mean of one column: of a shard, and of many shards' means. */
public class MeanFunction {

    private final Tidemill tidemill;
    private final Optional<String> column;

    /** @param column the Function's environment variable {@code COLUMN} */
    MeanFunction(Tidemill tidemill, @ConfigProperty(name = "column") Optional<String> column) {
        this.tidemill = tidemill;
        this.column = column;
    }

    @Funq("mean.shard")
    @CloudEventMapping(
            trigger = EventTypes.SHARD,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.MEAN))
    public CloudEvent<byte[]> shard(CloudEvent<byte[]> event) {
        return tidemill.shard(event, shard -> {
            Mean mean = new Mean();
            if (column.isPresent()) {
                shard.numbers(column.get(), mean::add);
            } else {
                shard.numbers(mean::add);
            }
            return Result.json(mean.toJson());
        });
    }

    @Funq("mean.combine")
    @CloudEventMapping(
            trigger = EventTypes.COMBINE,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.MEAN))
    public CloudEvent<byte[]> combine(CloudEvent<byte[]> event) {
        return tidemill.combine(event, means -> {
            Mean mean = new Mean();
            for (Partial other : means) {
                mean.add(Mean.fromJson(other.json()));
            }
            return Result.json(mean.toJson());
        });
    }
}
