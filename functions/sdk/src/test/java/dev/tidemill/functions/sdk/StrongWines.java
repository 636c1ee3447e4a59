package dev.tidemill.functions.sdk;

import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;

/** The function of {@code docs/how-to/own-function.md}. */
public class StrongWines {

    private final Tidemill tidemill;

    StrongWines(Tidemill tidemill) {
        this.tidemill = tidemill;
    }

    @Funq
    @CloudEventMapping(trigger = "dev.tidemill.shard")
    public CloudEvent<byte[]> strongWines(CloudEvent<byte[]> event) {
        return tidemill.shard(event, wines -> {
            Table strong = Table.jsonLines(wines.columns());
            wines.rows(wine -> {
                if (wine.number("alcohol") > 13) {
                    strong.copy(wine).end();
                }
            });
            return strong.result();
        });
    }
}
