package dev.tidemill.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Metadata;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What Knative makes of a Model's name")
class LongNamesTest {

    @Test
    @DisplayName("A Model of any legal name has Services whose names are legal, and its own")
    void namesOfAnyLengthFit() {
        var services = IntStream.rangeClosed(1, 63)
                .mapToObj("m"::repeat)
                .peek(name -> assertThat(name).matches(Metadata.NAME_PATTERN))
                .map(ModelManifests::service)
                .toList();
        assertThat(services).doesNotHaveDuplicates().allSatisfy(service -> {
            assertThat("active-" + service).matches(Metadata.NAME_PATTERN);
            assertThat(service + "-training").matches(Metadata.NAME_PATTERN);
        });
        assertThat(ModelManifests.service("m".repeat(48))).isEqualTo("model-" + "m".repeat(48));
        assertThat(ModelManifests.service("m".repeat(62) + "a"))
                .isNotEqualTo(ModelManifests.service("m".repeat(62) + "b"));
    }
}
