package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The data of {@link EventTypes#GENERATE}: make one object of a generated Dataset. The reply's body is the object.
 *
 * @param index which of {@code generate.objects}, counted from 0
 * @param format Csv where left out
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GenerateData(DatasetSpec.Generate generate, int index, DataFormat.@Nullable Type format) {

    public GenerateData {
        if (index < 0 || index >= generate.objects()) {
            throw new IllegalArgumentException(
                    "index " + index + " is not among the " + generate.objects() + " objects");
        }
    }
}
