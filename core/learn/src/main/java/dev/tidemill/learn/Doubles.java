package dev.tidemill.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/** Doubles in JSON, bit by bit: little endian in Base64. */
public final class Doubles {

    private Doubles() {}

    public static JsonNode toJson(double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        return JsonNodeFactory.instance.textNode(Base64.getEncoder().encodeToString(bytes.array()));
    }

    /** @throws LearnException if they are not that */
    public static double[] fromJson(JsonNode json) {
        try {
            ByteBuffer bytes =
                    ByteBuffer.wrap(Base64.getDecoder().decode(json.asText())).order(ByteOrder.LITTLE_ENDIAN);
            double[] values = new double[bytes.remaining() / 8];
            bytes.asDoubleBuffer().get(values);
            return values;
        } catch (IllegalArgumentException e) {
            throw new LearnException("BadRequest", "a part of a round is no row of doubles: " + e.getMessage());
        }
    }
}
