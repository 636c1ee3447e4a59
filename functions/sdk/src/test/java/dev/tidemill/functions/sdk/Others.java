package dev.tidemill.functions.sdk;

import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.DoubleAdder;

/** What else a function does with a shard, each for one promise of the library; they are told apart by made-up types. */
public class Others {

    private final Tidemill tidemill;

    Others(Tidemill tidemill) {
        this.tidemill = tidemill;
    }

    @Funq
    @CloudEventMapping(trigger = "test.sum")
    public CloudEvent<byte[]> sum(CloudEvent<byte[]> event) {
        return tidemill.shard(event, shard -> {
            DoubleAdder sum = new DoubleAdder();
            shard.numbers("alcohol", (values, n) -> {
                for (int i = 0; i < n; i++) {
                    sum.add(values[i]);
                }
            });
            return Result.json(Map.of("sum", sum.sum()));
        });
    }

    @Funq
    @CloudEventMapping(trigger = "dev.tidemill.combine")
    public CloudEvent<byte[]> sums(CloudEvent<byte[]> event) {
        return tidemill.combine(event, parts -> {
            double sum = 0;
            for (Partial part : parts) {
                sum += part.json().path("sum").asDouble();
            }
            return Result.json(Map.of("sum", sum));
        });
    }

    @Funq
    @CloudEventMapping(trigger = "test.sizes")
    public CloudEvent<byte[]> sizes(CloudEvent<byte[]> event) {
        return tidemill.shard(event, shard -> {
            StringBuilder sizes = new StringBuilder();
            for (ShardObject object : shard.objects()) {
                sizes.append(object.key()).append(' ').append(object.bytes().length);
            }
            return Result.text(sizes.toString());
        });
    }

    @Funq
    @CloudEventMapping(trigger = "test.doubled")
    public CloudEvent<byte[]> doubled(CloudEvent<byte[]> event) {
        return tidemill.shard(event, shard -> {
            Table doubled = Table.csv(List.of("twice", "name", "strong"));
            shard.rows(row -> doubled.set("strong", row.number("alcohol") > 13)
                    .set("twice", 2 * row.integer("id"))
                    .set("name", "a \"" + row.text("id") + "\"")
                    .end());
            return doubled.result();
        });
    }

    @Funq
    @CloudEventMapping(trigger = "test.never")
    public CloudEvent<byte[]> never(CloudEvent<byte[]> event) {
        return tidemill.shard(event, _ -> {
            throw new RefusedException("TooOld", "only wines after 1990: change the prefix");
        });
    }

    @Funq
    @CloudEventMapping(trigger = "test.later")
    public CloudEvent<byte[]> later(CloudEvent<byte[]> event) {
        return tidemill.shard(event, _ -> {
            throw new IOException("the cellar does not answer");
        });
    }
}
