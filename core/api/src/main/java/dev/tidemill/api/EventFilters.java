package dev.tidemill.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Filters over context attributes in the form of Knative's Trigger, {@code spec.filters}, which is that of the CloudEvents
 * Subscriptions API: {@code exact}, {@code prefix}, {@code suffix}, {@code any}, {@code all}, {@code not}. All of a list must pass.
 */
public final class EventFilters {

    private EventFilters() {}

    /**
     * Whether an event passes.
     *
     * @param attribute the event's attribute of that name, or null
     */
    public static boolean pass(List<Map<String, JsonNode>> filters, Function<String, @Nullable String> attribute) {
        return filters.stream()
                .allMatch(filter -> filter.entrySet().stream()
                        .allMatch(dialect -> passes(dialect.getKey(), dialect.getValue(), attribute)));
    }

    private static boolean passes(String dialect, JsonNode operand, Function<String, @Nullable String> attribute) {
        return switch (dialect) {
            case "exact" -> attributes(operand, attribute, String::equals);
            case "prefix" -> attributes(operand, attribute, String::startsWith);
            case "suffix" -> attributes(operand, attribute, String::endsWith);
            case "all" -> StreamSupport.stream(operand.spliterator(), false).allMatch(one -> passes(one, attribute));
            case "any" -> StreamSupport.stream(operand.spliterator(), false).anyMatch(one -> passes(one, attribute));
            case "not" -> !passes(operand, attribute);
            default -> false;
        };
    }

    private static boolean passes(JsonNode filter, Function<String, @Nullable String> attribute) {
        return filter.properties().stream()
                .allMatch(dialect -> passes(dialect.getKey(), dialect.getValue(), attribute));
    }

    private static boolean attributes(
            JsonNode operand, Function<String, @Nullable String> attribute, BiPredicate<String, String> test) {
        return operand.properties().stream().allMatch(wanted -> {
            String value = attribute.apply(wanted.getKey());
            return value != null && test.test(value, wanted.getValue().asText());
        });
    }
}
