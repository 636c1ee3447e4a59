package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    @ParameterizedTest
    @CsvSource({
        "64Mi, 67108864, 64Mi",
        "65536Ki, 67108864, 64Mi",
        "1G, 1000000000, 1000000000",
        "1, 1, 1",
        "1Ti, 1099511627776, 1Ti",
        "2048Ti, 2251799813685248, 2048Ti"
    })
    void readsSizesAndWritesThemShort(String text, long bytes, String canonical) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
        assertThat(ByteSize.parse(text)).hasToString(canonical).isEqualTo(ByteSize.parse(canonical));
        assertThat(canonical).matches(ByteSize.PATTERN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5Gi", "64MB", "64 Mi", "64mi", "999999999999999Ti"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).hasMessageContaining("\"" + text + "\" is");
    }

    @ParameterizedTest
    @CsvSource({
        "10m, 600000, 10m",
        "24h, 86400000, 24h",
        "90s, 90000, 1m30s",
        "5ms, 5, 5ms",
        "0s, 0, 0s",
        "1h0m1s, 3601000, 1h1s"
    })
    void readsLengthsOfTimeAndWritesThemShort(String text, long millis, String canonical) {
        assertThat(TimeSpan.parse(text).duration()).isEqualTo(Duration.ofMillis(millis));
        assertThat(TimeSpan.parse(text)).hasToString(canonical).isEqualTo(TimeSpan.parse(canonical));
        assertThat(canonical).matches(TimeSpan.PATTERN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "1d", "-5m", "1.5h", "10 m", "PT10M"})
    void refusesWhatIsNoLengthOfTime(String text) {
        assertThatThrownBy(() -> TimeSpan.parse(text)).hasMessageContaining("\"" + text + "\" is not a length of time");
    }

    @Test
    void cutsTextsBetweenCharactersAndSaysSo() {
        assertThat(Text.cut("short", 5)).isEqualTo("short");
        assertThat(Text.cut("longer", 5)).isEqualTo("lo…");
        assertThat(Text.cut("😀😀", 15)).isEqualTo("😀…");
    }

    @Test
    void aPrefixWithoutASlashMeansTheFolder() {
        assertThat(Defaults.folder("test-data")).isEqualTo("test-data/");
        assertThat(Defaults.folder("")).isEmpty();
        assertThat(Defaults.folder(null)).isEmpty();
    }

    @Test
    void aFunctionsCapFollowsFromItsScaleAndTheOtherWayRound() throws Exception {
        assertThat(function("{}").maxConcurrency()).isEqualTo(20);
        assertThat(function("{scale: {max: 3, concurrency: 4}}").maxConcurrency())
                .isEqualTo(12);
        assertThat(function("{scale: {concurrency: 4}, maxConcurrency: 10}")
                        .scale()
                        .max())
                .isEqualTo(2);
    }

    private static FunctionSpec function(String yaml) throws Exception {
        return Json.mapper().convertValue(new YAMLMapper().readTree(yaml), FunctionSpec.class);
    }
}
