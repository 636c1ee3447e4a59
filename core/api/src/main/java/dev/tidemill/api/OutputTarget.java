package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Where a function may write its output itself: keys that begin with {@code prefix + name}, and no others.
 *
 * @param name new for each attempt, so that a late one cannot overwrite what another has written
 * @param format what the Dataset declares its output to be
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OutputTarget(String bucket, String prefix, String name, DataFormat.@Nullable Type format) {}
