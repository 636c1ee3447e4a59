package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * The data of {@link EventTypes#FAILURE}: this input will fail however often it is tried.
 *
 * @param reason one CamelCase word
 * @param message what is wrong and what to do
 * @param object the key at fault, where it is known
 * @param line counted from 1
 * @param byteOffset counted from 0; {@code byte} in JSON
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FailureData(
        String reason,
        String message,
        @Nullable String object,
        @Nullable Long line,
        @JsonProperty("byte") @Nullable Long byteOffset) {}
