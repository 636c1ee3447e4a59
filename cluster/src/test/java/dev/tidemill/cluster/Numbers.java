package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collection;
import java.util.List;

/**
 * The oracle: what a column of these numbers, each in an object of its own, must be found to be, by decimal arithmetic.
 *
 * @param sorted ascending
 */
record Numbers(List<BigDecimal> sorted) {

    static Numbers of(Collection<BigDecimal> numbers) {
        return new Numbers(numbers.stream().sorted().toList());
    }

    int count() {
        return sorted.size();
    }

    private double mean() {
        return sorted.stream()
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .divide(BigDecimal.valueOf(count()), MathContext.DECIMAL64)
                .doubleValue();
    }

    /** The Dataset whose objects these are. */
    void assertProfiled(JsonNode dataset) {
        var status = dataset.path("status");
        assertThat(status.path("objects").asInt()).as("objects in %s", status).isEqualTo(count());
        assertThat(status.path("rows").asInt()).as("rows in %s", status).isEqualTo(count());
        var column = status.at("/columns/0");
        assertThat(column.path("name").asText()).isEqualTo("x");
        assertThat(column.path("count").asInt()).isEqualTo(count());
        assertThat(column.path("mean").asDouble()).isCloseTo(mean(), within(1e-12 * Math.max(1, Math.abs(mean()))));
        assertThat(new BigDecimal(column.path("min").asText())).isEqualByComparingTo(sorted.getFirst());
        assertThat(new BigDecimal(column.path("max").asText())).isEqualByComparingTo(sorted.getLast());
    }

    /** The Dataset with their mean as its result. */
    void assertMean(JsonNode dataset) {
        var result = dataset.at("/status/result");
        assertThat(result.path("count").asInt()).as("count in %s", result).isEqualTo(count());
        assertThat(result.path("mean").asDouble()).isCloseTo(mean(), within(1e-12 * Math.max(1, Math.abs(mean()))));
    }
}
