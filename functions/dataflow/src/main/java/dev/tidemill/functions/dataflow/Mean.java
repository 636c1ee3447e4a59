package dev.tidemill.functions.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.functions.sdk.RefusedException;

/**
 * A sum on its way to a mean. The sum is kept as two doubles by Neumaier's compensation (Rundungsfehleranalyse einiger Verfahren zur
 * Summation endlicher Summen, ZAMM 54, 1974), within a shard and over all of them, so that it makes no difference in how many shards
 * the values lay. NaN and infinities go through as numpy has them; empty cells are no values.
 */
final class Mean {

    private double sum;
    private double compensation;
    private long count;

    void add(double[] values, int n) {
        for (int i = 0; i < n; i++) {
            add(values[i]);
        }
        count += n;
    }

    private void add(double value) {
        double next = sum + value;
        // Of an infinite sum nothing was lost, and Inf - Inf would make a NaN of it.
        if (Double.isFinite(next)) {
            compensation += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
        }
        sum = next;
    }

    /** Adds what another shard found. */
    void add(Mean other) {
        add(other.sum);
        compensation += other.compensation;
        count += other.count;
    }

    double value() {
        return (sum + compensation) / count;
    }

    long count() {
        return count;
    }

    /**
     * {@code {"mean", "count"}}; the mean is null of no values, and the text "NaN", "Infinity" or "-Infinity" where there is no
     * JSON number for it.
     */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("mean", count == 0 ? JsonNodeFactory.instance.nullNode() : number(value()));
        return json.put("count", count);
    }

    /**
     * The sum is had back by a multiplication whose own rounding error is kept (fma), so that only the rounding of the shard's mean
     * itself is lost, half a unit in its last place.
     *
     * @throws RefusedException if it is not the JSON of one
     */
    static Mean fromJson(JsonNode json) {
        Mean mean = new Mean();
        mean.count = json.path("count").asLong(-1);
        if (mean.count < 0 || !json.has("mean")) {
            throw new RefusedException("BadRequest", "a part to combine is not {\"mean\", \"count\"}: " + json);
        }
        if (mean.count > 0) {
            double value = number(json.path("mean"));
            mean.sum = value * mean.count;
            mean.compensation = Double.isFinite(mean.sum) ? Math.fma(value, mean.count, -mean.sum) : 0;
        }
        return mean;
    }

    private static JsonNode number(double value) {
        return Double.isFinite(value)
                ? JsonNodeFactory.instance.numberNode(value)
                : JsonNodeFactory.instance.textNode(Double.toString(value));
    }

    private static double number(JsonNode json) {
        return json.isTextual() ? Double.parseDouble(json.asText()) : json.asDouble();
    }
}
