package com.example.wines;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/** The data of a {@code dev.tidemill.shard} event, as far as this function looks at it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Shard(@JsonProperty("function_data") Map<String, Binding> functionData) {

    /** The objects to work on: those of the one binding that has any. */
    Binding input() {
        return functionData.values().stream()
                .filter(binding -> binding.objects() != null)
                .findFirst()
                .orElseThrow();
    }

    /** A prefix with objects in it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Binding(String bucket, List<Item> objects) {}

    /** One whole object: this function does not declare {@code ranges}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Item(String key, String etag) {}
}
