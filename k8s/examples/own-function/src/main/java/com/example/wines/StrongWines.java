package com.example.wines;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventBuilder;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The function: gets a shard, reads its objects, answers with what becomes one object of the derived Dataset. It keeps nothing between
 * calls and may be called twice for the same shard, so it needs no idea of what was done before.
 */
public class StrongWines {

    private final Store store;
    private final ObjectMapper mapper;
    private final BigDecimal percent;

    /** @param percent the Function's environment variable {@code STRONGER_THAN} */
    StrongWines(Store store, ObjectMapper mapper, @ConfigProperty(name = "stronger-than") BigDecimal percent) {
        this.store = store;
        this.mapper = mapper;
        this.percent = percent;
    }

    /** Whatever it throws is answered with 500, and the shard is sent again later. */
    @Funq
    @CloudEventMapping(trigger = "dev.tidemill.shard")
    public CloudEvent<byte[]> strongWines(CloudEvent<Shard> event) throws IOException {
        var input = event.data().input();
        var result = new StringBuilder();
        for (var item : input.objects()) {
            try {
                result.append(Wines.strongerThan(percent, store.read(input.bucket(), item)));
            } catch (BadRowException e) {
                return failure(item.key(), e);
            }
        }
        return CloudEventBuilder.create()
                .type("com.example.wines")
                .build(result.toString().getBytes(StandardCharsets.UTF_8), "application/x-ndjson");
    }

    /** A final failure: the same bytes will be wrong again. It names the object and the line, for whoever must mend them. */
    private CloudEvent<byte[]> failure(String key, BadRowException e) throws JsonProcessingException {
        var data = Map.of("reason", "BadRow", "message", e.getMessage(), "object", key, "line", e.line);
        return CloudEventBuilder.create()
                .type("dev.tidemill.failure")
                .build(mapper.writeValueAsBytes(data), "text/json"); // bytes of application/json would become Base64
    }
}
