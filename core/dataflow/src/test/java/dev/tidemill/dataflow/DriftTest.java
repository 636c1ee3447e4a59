package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.CompareData;
import dev.tidemill.api.Condition;
import dev.tidemill.api.DriftData;
import dev.tidemill.api.Json;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftTest {

    private static final CompareData ASKED = new CompareData(
            "default",
            "digits",
            List.of(new ModelSpec.Tensor("x", Datatype.FP32, List.of(-1L, 2L), List.of("pixel_*"))),
            "0.2",
            "live",
            3,
            "s3://tidemill/live",
            "s3://models/reference");

    @TempDir
    Path dir;

    @Test
    void resamplesDoNotFireAndAShiftedSampleDoesWithConditionAndEvent() throws IOException {
        Random random = new Random(5);
        Profile reference = sample(random, 2_000, 0);
        for (int i = 0; i < 20; i++) {
            DriftData same = Drift.compare(ASKED, reference, sample(random, 400, 0));
            assertThat(same.drifted()).isEmpty();
            assertThat(Drift.condition(same).status()).isEqualTo(Condition.Status.False);
            assertThat(Drift.event(same)).isEmpty();
        }

        DriftData moved = Drift.compare(ASKED, reference, sample(random, 400, 1));

        assertThat(moved.drifted()).extracting(DriftData.Column::name).containsExactly("pixel_1");
        assertThat(moved.columns()).as("the label is no input").hasSize(2);
        assertThat(Drift.condition(moved).message())
                .startsWith("1 of 2 columns have moved by more than 0.2: pixel_1 (")
                .endsWith("; dataset live, revision 3, 400 rows, against 2000 rows");
        FunctionClient.Event event = Drift.event(moved).orElseThrow();
        assertThat(event.type()).isEqualTo("dev.tidemill.model.drifted");
        assertThat(Json.mapper().readValue(event.data(), DriftData.class)).isEqualTo(moved);
        assertThat(Drift.event(moved).orElseThrow().id()).isEqualTo(event.id());
    }

    @Test
    void dataWithoutTheModelsColumnsIsNothingToCompare() throws IOException {
        Profile other = profile("a,b\n1,2\n");

        DriftData found = Drift.compare(ASKED, other, other);

        assertThat(found.columns()).isEmpty();
        assertThat(Drift.condition(found).reason()).isEqualTo("NothingToCompare");
    }

    private Profile sample(Random random, int rows, double shift) throws IOException {
        StringBuilder csv = new StringBuilder("pixel_0,pixel_1,label\n");
        for (int i = 0; i < rows; i++) {
            csv.append(random.nextGaussian())
                    .append(',')
                    .append(random.nextGaussian() + shift)
                    .append(',')
                    .append(5 * shift)
                    .append('\n');
        }
        return profile(csv.toString());
    }

    private Profile profile(String csv) throws IOException {
        Path file = Files.writeString(dir.resolve("rows.csv"), csv, StandardCharsets.UTF_8);
        return new Profiler().profile(ByteSource.of(file), new Format.Auto());
    }
}
