package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * The data of {@link EventTypes#COMBINE}: the results to be reduced to one, in shard order.
 *
 * @param functionData the bindings by name, without objects
 * @param level 1 for the replies to shards, 2 for the replies to level 1, and so on
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CombineData(
        @JsonProperty("function_name") String functionName,
        @JsonProperty("function_data") Map<String, S3Prefix> functionData,
        int level,
        List<Part> parts) {

    public CombineData {
        functionData = Defaults.map(functionData);
        parts = Defaults.list(parts);
    }
}
