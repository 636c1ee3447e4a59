package dev.tidemill.charts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code values.schema.json}: what is not in {@code values.yaml} is refused. */
final class ValuesSchema {

    private ValuesSchema() {}

    static String of(Value root) throws JsonProcessingException {
        var schema = new LinkedHashMap<String, Object>();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.putAll(schema(root));
        // Helm hands it to every chart.
        properties(schema).put("global", Map.of("type", "object"));
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(schema) + "\n";
    }

    private static Map<String, Object> schema(Value value) {
        var schema = new LinkedHashMap<String, Object>();
        if (!value.text().isEmpty()) {
            schema.put("description", value.text());
        }
        schema.put("type", type(value.value()));
        if (!value.children().isEmpty()) {
            schema.put("additionalProperties", false);
            var properties = new LinkedHashMap<String, Object>();
            value.children().forEach(child -> properties.put(child.name(), schema(child)));
            schema.put("properties", properties);
        }
        schema.putAll(value.schema());
        return schema;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> properties(Map<String, Object> schema) {
        return (Map<String, Object>) Objects.requireNonNull(schema.get("properties"));
    }

    private static String type(Object value) {
        return switch (value) {
            case Map<?, ?> map -> "object";
            case List<?> list -> "array";
            case Boolean flag -> "boolean";
            case Integer number -> "integer";
            default -> "string";
        };
    }
}
