package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.Profile;
import org.jspecify.annotations.Nullable;

/**
 * The few figures of a profile that fit into a custom resource: at most 8 KiB, names and values cut, the columns that do not fit left
 * out.
 */
record ProfileSummary(long rows, JsonNode columns) {

    private static final int MOST_BYTES = 8 << 10;
    private static final int MOST_CHARACTERS = 64;

    static ProfileSummary of(byte[] profile) {
        Profile whole = Profile.fromBytes(profile);
        ArrayNode columns = JsonNodeFactory.instance.arrayNode();
        int bytes = 2;
        for (ColumnProfile column : whole.columns()) {
            ObjectNode summary = summary(column);
            bytes += Json.bytes(summary).length + 1;
            if (bytes > MOST_BYTES) {
                break;
            }
            columns.add(summary);
        }
        return new ProfileSummary(whole.rows(), columns);
    }

    private static ObjectNode summary(ColumnProfile column) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", cut(column.name()));
        json.set("type", Json.MAPPER.valueToTree(column.type()));
        json.put("count", column.count());
        json.put("nulls", column.nulls());
        number(json, "mean", column.mean());
        text(json, "min", column.min());
        text(json, "max", column.max());
        return json;
    }

    private static void number(ObjectNode json, String name, @Nullable Double value) {
        if (value == null) {
            return;
        }
        if (Double.isFinite(value)) {
            json.put(name, value);
        } else {
            // JSON has no such numbers.
            json.put(name, value.toString());
        }
    }

    private static void text(ObjectNode json, String name, @Nullable Object value) {
        switch (value) {
            case null -> {}
            case Double number -> number(json, name, number);
            case Long number -> json.put(name, number);
            case Boolean truth -> json.put(name, truth);
            default -> json.put(name, cut(value.toString()));
        }
    }

    private static String cut(String text) {
        return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS - 1) + "…";
    }
}
