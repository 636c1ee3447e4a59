package dev.tidemill.functions.sdk;

import dev.tidemill.api.Json;
import java.nio.charset.StandardCharsets;

/**
 * What a function answers.
 *
 * @param bytes at most 32 MiB
 * @param contentType of the object that becomes of it
 */
public record Result(byte[] bytes, String contentType) {

    /** Whatever Jackson writes. Such results can be {@linkplain Tidemill#combine combined}. */
    public static Result json(Object value) {
        return new Result(Json.bytes(value), "application/json");
    }

    /** Plain text in UTF-8. */
    public static Result text(String text) {
        return new Result(text.getBytes(StandardCharsets.UTF_8), "text/plain; charset=utf-8");
    }
}
