package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function gets: the data of {@link EventTypes#SHARD}, and of a direct call, whose bindings have no objects.
 *
 * @param functionData the bindings by name; the one that is worked on has objects
 * @param output where a function that writes its own output may write; null where its reply is the result
 * @param settings what a function that computes in rounds is told in each of them; null elsewhere
 * @param state what its last round came to; null in the first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ShardData(
        @JsonProperty("function_name") String functionName,
        @JsonProperty("function_data") Map<String, S3Prefix> functionData,
        @Nullable OutputTarget output,
        @Nullable JsonNode settings,
        @Nullable JsonNode state) {

    public ShardData {
        functionData = Defaults.map(functionData);
    }

    /** For a function that computes once. */
    public ShardData(String functionName, Map<String, S3Prefix> functionData, @Nullable OutputTarget output) {
        this(functionName, functionData, output, null, null);
    }
}
