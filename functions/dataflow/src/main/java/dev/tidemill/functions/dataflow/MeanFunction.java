package dev.tidemill.functions.dataflow;

import dev.tidemill.api.CombineData;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.ShardData;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import io.quarkus.funqy.knative.events.EventAttribute;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The mean of one column: of a shard, and of many shards' means. */
public class MeanFunction {

    private final Shards shards;
    private final Optional<String> column;

    /** @param column the Function's environment variable {@code COLUMN} */
    MeanFunction(Shards shards, @ConfigProperty(name = "column") Optional<String> column) {
        this.shards = shards;
        this.column = column;
    }

    @Funq("mean.shard")
    @CloudEventMapping(
            trigger = EventTypes.SHARD,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.MEAN))
    public CloudEvent<byte[]> shard(CloudEvent<byte[]> event) {
        return Answer.to(
                event,
                ShardData.class,
                data -> Answer.Body.json(of(shards.of(data)).toJson()));
    }

    @Funq("mean.combine")
    @CloudEventMapping(
            trigger = EventTypes.COMBINE,
            attributes = @EventAttribute(name = BuiltinRoute.ATTRIBUTE, value = BuiltinRoute.MEAN))
    public CloudEvent<byte[]> combine(CloudEvent<byte[]> event) {
        return Answer.to(event, CombineData.class, data -> {
            Mean mean = new Mean();
            for (byte[] part : shards.parts(data)) {
                mean.add(Mean.fromJson(Answer.json(part)));
            }
            return Answer.Body.json(mean.toJson());
        });
    }

    private Mean of(Shards.Shard shard) throws IOException {
        Mean mean = new Mean();
        double[] values = new double[4096];
        for (Shards.Piece piece : shard.pieces()) {
            try (var reader = piece.column(column)) {
                for (int n = reader.read(values); n >= 0; n = reader.read(values)) {
                    mean.add(values, n);
                }
            }
        }
        return mean;
    }
}
