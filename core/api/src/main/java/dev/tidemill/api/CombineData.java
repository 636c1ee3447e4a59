package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data of {@link EventTypes#COMBINE}: the results to be reduced to one, in shard order.
 *
 * @param functionData the bindings by name, without objects
 * @param level 1 for the replies to shards, 2 for the replies to level 1, and so on
 * @param settings what a function that computes in rounds is told in each of them; null elsewhere
 * @param state what its last round came to; null in the first
 * @param finish asks for what this round comes to: there is one part, everything combined; null elsewhere
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CombineData(
        @JsonProperty("function_name") String functionName,
        @JsonProperty("function_data") Map<String, S3Prefix> functionData,
        int level,
        List<Part> parts,
        @Nullable JsonNode settings,
        @Nullable JsonNode state,
        @Nullable Finish finish) {

    public CombineData {
        functionData = Defaults.map(functionData);
        parts = Defaults.list(parts);
    }

    /** For a function that computes once. */
    public CombineData(String functionName, Map<String, S3Prefix> functionData, int level, List<Part> parts) {
        this(functionName, functionData, level, parts, null, null, null);
    }

    /**
     * The end of a round. The reply is a JSON object: the state that the next round is given, or, with {@code "done": true}, what all
     * rounds came to.
     *
     * @param dataset that was read
     * @param revision of it
     */
    public record Finish(String dataset, long revision) {}
}
