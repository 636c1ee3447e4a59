package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Map;

/** What one pod asks for and may use at most, as in a pod: {@code {requests: {cpu: 100m, memory: 256Mi}, limits: …}}. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PodResources(
        @JsonPropertyDescription("What a node must have free.")
        Map<String, Quantity> requests,

        @JsonPropertyDescription("What a pod may use at most.")
        Map<String, Quantity> limits) {

    public static final PodResources NONE = new PodResources(Map.of(), Map.of());

    public PodResources {
        requests = Defaults.map(requests);
        limits = Defaults.map(limits);
    }
}
