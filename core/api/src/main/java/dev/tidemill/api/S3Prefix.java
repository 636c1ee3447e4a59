package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A binding as a function sees it.
 *
 * @param type {@code AWS_S3_Prefix}
 * @param scale how many shards there are; null in a direct call without one
 * @param index which of them this is, counted from 0
 * @param format how the objects are read, where the Dataset says
 * @param objects what to work on; null where the function is to list the prefix itself
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record S3Prefix(
        String type,
        String bucket,
        @JsonProperty("s3_prefix") String s3Prefix,
        @Nullable Integer scale,
        @Nullable Integer index,
        @Nullable DataFormat format,
        @Nullable List<ObjectRange> objects) {

    public S3Prefix {
        type = Objects.requireNonNullElse(type, FunctionSpec.BindingType.AWS_S3_Prefix.name());
        s3Prefix = Objects.requireNonNullElse(s3Prefix, "");
        objects = objects == null ? null : List.copyOf(objects);
    }

    /** All that lies there. */
    public static S3Prefix of(String bucket, String prefix) {
        return new S3Prefix(FunctionSpec.BindingType.AWS_S3_Prefix.name(), bucket, prefix, null, null, null, null);
    }
}
