package dev.tidemill.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * A pattern over an event's data, as EventBridge has it (Amazon EventBridge User Guide, "Event patterns"): every member of the pattern
 * must be matched, a list by any of its entries, an object in a list being a rule such as {@code {"prefix": "eu-"}}. A value that is no
 * list, which EventBridge refuses, means exactly that value.
 */
public final class EventPattern {

    private EventPattern() {}

    /** Whether the data has everything that the pattern asks for. */
    public static boolean matches(Map<String, JsonNode> pattern, JsonNode data) {
        return pattern.entrySet().stream().allMatch(wanted -> matches(wanted.getValue(), data.path(wanted.getKey())));
    }

    private static boolean matches(JsonNode pattern, JsonNode value) {
        if (pattern.isObject()) {
            return pattern.properties().stream()
                    .allMatch(wanted -> matches(wanted.getValue(), value.path(wanted.getKey())));
        }
        if (!pattern.isArray()) {
            return equal(pattern, value);
        }
        // A list in the event is matched by any of its entries.
        return StreamSupport.stream(pattern.spliterator(), false)
                .anyMatch(one -> value.isArray() && !one.has("exists")
                        ? StreamSupport.stream(value.spliterator(), false).anyMatch(entry -> obeys(one, entry))
                        : obeys(one, value));
    }

    private static boolean obeys(JsonNode rule, JsonNode value) {
        return rule.isObject()
                ? rule.properties().stream().allMatch(each -> obeys(each.getKey(), each.getValue(), value))
                : equal(rule, value);
    }

    private static boolean obeys(String rule, JsonNode operand, JsonNode value) {
        return switch (rule) {
            case "prefix" -> value.isTextual() && value.asText().startsWith(operand.asText());
            case "suffix" -> value.isTextual() && value.asText().endsWith(operand.asText());
            case "equals-ignore-case" ->
                value.isTextual()
                        && value.asText()
                                .toLowerCase(Locale.ROOT)
                                .equals(operand.asText().toLowerCase(Locale.ROOT));
            case "exists" -> operand.asBoolean() != value.isMissingNode();
            case "anything-but" -> !value.isMissingNode() && !isOneOf(operand, value);
            case "numeric" -> value.isNumber() && inRange(operand, value);
            default -> false;
        };
    }

    private static boolean isOneOf(JsonNode operand, JsonNode value) {
        return operand.isArray()
                ? StreamSupport.stream(operand.spliterator(), false).anyMatch(one -> equal(one, value))
                : obeys(operand, value);
    }

    /** {@code [">", 0, "<=", 5]} */
    private static boolean inRange(JsonNode operand, JsonNode value) {
        for (int i = 0; i + 1 < operand.size(); i += 2) {
            int order = value.decimalValue().compareTo(operand.path(i + 1).decimalValue());
            boolean holds = switch (operand.path(i).asText()) {
                case "=" -> order == 0;
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                case ">=" -> order >= 0;
                default -> false;
            };
            if (!holds) {
                return false;
            }
        }
        return operand.size() > 1;
    }

    /** As EventBridge compares: 300 and 300.0 are the same number. */
    private static boolean equal(JsonNode one, JsonNode other) {
        return one.isNumber() && other.isNumber()
                ? one.decimalValue().compareTo(other.decimalValue()) == 0
                : one.equals(other);
    }
}
