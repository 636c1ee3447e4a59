package dev.tidemill.functions.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tidemill.functions.sdk.RefusedException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeanTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 1000})
    void isTheExactMeanOverAnyNumberOfShards(int shards) {
        Random random = new Random(7);
        double[] values = DoubleStream.generate(() -> random.nextGaussian() * 1e6 + 3)
                .limit(50_000)
                .toArray();
        double exact = Arrays.stream(values)
                .mapToObj(BigDecimal::new)
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .divide(BigDecimal.valueOf(values.length), MathContext.DECIMAL64)
                .doubleValue();

        Mean whole = new Mean();
        for (int shard = 0; shard < shards; shard++) {
            double[] part =
                    Arrays.copyOfRange(values, values.length / shards * shard, values.length / shards * (shard + 1));
            Mean mean = new Mean();
            mean.add(part, part.length);
            whole.add(Mean.fromJson(mean.toJson()));
        }

        assertThat(whole.count()).isEqualTo(values.length);
        assertThat(whole.value()).isCloseTo(exact, within(Math.abs(exact) * 1e-12));
    }

    @Test
    void writesWhatJsonHasNoNumberForAsText() {
        assertThat(new Mean().toJson().toString()).isEqualTo("{\"mean\":null,\"count\":0}");
        Mean mean = new Mean();
        mean.add(new double[] {1, Double.NaN}, 2);
        assertThat(mean.toJson().toString()).isEqualTo("{\"mean\":\"NaN\",\"count\":2}");
        Mean infinite = new Mean();
        infinite.add(new double[] {1, Double.POSITIVE_INFINITY}, 2);
        assertThat(Mean.fromJson(infinite.toJson()).value()).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void refusesAPartThatIsNone() {
        assertThatThrownBy(() ->
                        Mean.fromJson(JsonNodeFactory.instance.objectNode().put("mean", 1)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("{\"mean\":1}");
    }
}
