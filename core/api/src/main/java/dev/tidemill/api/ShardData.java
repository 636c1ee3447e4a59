package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function gets: the data of {@link EventTypes#SHARD}, and of a direct call, whose bindings have no objects.
 *
 * @param functionData the bindings by name; the one that is worked on has objects
 * @param output where a function that writes its own output may write; null where its reply is the result
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ShardData(
        @JsonProperty("function_name") String functionName,
        @JsonProperty("function_data") Map<String, S3Prefix> functionData,
        @Nullable OutputTarget output) {

    public ShardData {
        functionData = Defaults.map(functionData);
    }
}
