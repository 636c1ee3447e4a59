package dev.tidemill.dataflow.internal.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;

/** The one mapper of this module. Its output is canonical: properties and map keys in order, no absent values. */
public final class Json {

    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value.getClass(), e);
        }
    }

    /** @throws IllegalArgumentException when it is not the JSON of one */
    public static <T> T parse(byte[] bytes, Class<T> type) {
        try {
            return MAPPER.readValue(bytes, type);
        } catch (IOException e) {
            throw new IllegalArgumentException("not a " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    /** Reads a record that carries its own {@code version}. */
    public static <T> T read(byte[] bytes, Class<T> type, int version, String address) {
        try {
            JsonNode tree = MAPPER.readTree(bytes);
            int found = tree.path("version").asInt(-1);
            if (found != version) {
                throw new CorruptRecordException(
                        address,
                        found < 0
                                ? "is not a record of Tidemill's ledger (no version)"
                                : "written as version " + found + ", this Tidemill reads version " + version);
            }
            return MAPPER.treeToValue(tree, type);
        } catch (IOException e) {
            throw new CorruptRecordException(address, "is not readable JSON: " + e.getMessage());
        }
    }

    /** The value with the properties of every object in order, so that equal content has equal bytes. */
    public static String canonical(JsonNode value) {
        try {
            return MAPPER.writeValueAsString(MAPPER.treeToValue(value, Object.class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON", e);
        }
    }
}
