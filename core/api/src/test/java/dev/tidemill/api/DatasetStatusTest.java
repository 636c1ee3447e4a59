package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.DatasetStatus.ColumnSummary;
import dev.tidemill.api.DatasetStatus.Items;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetStatusTest {

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u0001", "€", "😀", "\"", "<"})
    void staysUnder16KiBWithEverythingAtItsLargest(String character) {
        var longText = character.repeat(4096 / character.length());
        var columns = IntStream.range(0, 5_000)
                .mapToObj(i -> new ColumnSummary(i + longText, "string", 100_000, 0, longText, longText, longText))
                .toList();
        var conditions = IntStream.range(0, 20)
                .mapToObj(i -> new Condition(
                        "Condition" + i,
                        Status.False,
                        Long.MAX_VALUE,
                        Instant.EPOCH,
                        "SomeReasonOfSomeLength",
                        longText))
                .toList();
        var pointer = "s3://" + "k".repeat(DatasetStatus.POINTER_BYTES - 5);

        var status = DatasetStatus.builder()
                .observed(Long.MAX_VALUE, conditions)
                .counted(100_000L, Long.MAX_VALUE, Long.MAX_VALUE)
                .committed(Long.MAX_VALUE, Instant.now(), pointer)
                .profiled(Long.MAX_VALUE, pointer, null, columns)
                .items(new Items(100_000, 100_000, 100_000, 100_000))
                .result(TextNode.valueOf("r".repeat(DatasetStatus.RESULT_BYTES - 2)), pointer)
                .build();

        assertThat(Json.bytes(status).length).isLessThan(16 << 10);
        assertThat(Text.documentBytes(Json.text(status))).isLessThan(16 << 10);
        assertThat(Json.bytes(status.columns()).length).isLessThanOrEqualTo(8 << 10);
        assertThat(status.columns()).isNotEmpty();
        assertThat(status.columnCount()).isEqualTo(5_000);
        assertThat(status.result()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30})
    void keepsWhatFits(int columns) {
        var all = IntStream.range(0, columns)
                .mapToObj(i -> new ColumnSummary("c" + i, "double", 20, 0, "0.5", "0", "1"))
                .toList();
        var status = DatasetStatus.builder().profiled(1, null, null, all).build();
        assertThat(status.columns()).isEqualTo(all);
        assertThat(status.with().build()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(ints = {1025, 40_000})
    void leavesOutAResultThatIsTooLarge(int bytes) {
        var status = DatasetStatus.builder()
                .result(TextNode.valueOf("r".repeat(bytes - 2)), "s3://tidemill/result")
                .build();
        assertThat(status.result()).isNull();
        assertThat(status.resultObject()).isEqualTo("s3://tidemill/result");
        assertThat(status.conditions()).isEqualTo(List.of());
    }
}
