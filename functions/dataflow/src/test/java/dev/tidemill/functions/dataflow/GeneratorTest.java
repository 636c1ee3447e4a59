package dev.tidemill.functions.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.api.DatasetSpec.Column;
import dev.tidemill.api.DatasetSpec.Distribution;
import dev.tidemill.api.DatasetSpec.Generate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GeneratorTest {

    private static final Column X = column("x", Distribution.Uniform);

    @Test
    void theSameDeclarationGivesTheSameBytesAndEachObjectItsOwn() {
        Generator one = new Generator(new Generate(20L, List.of(X), 7L, 20), Generator.Form.CSV);
        Generator other = new Generator(new Generate(20L, List.of(X), 7L, 20), Generator.Form.CSV);
        assertThat(text(one, 3)).isEqualTo(text(other, 3)).isNotEqualTo(text(one, 4));
        // Written down once: a JDK or a change of ours that moves it changes the data of everybody who relies on the
        // seed.
        assertThat(text(one, 0)).isEqualTo("x\n0.6825711504641203\n");
    }

    @Test
    void aColumnKeepsItsValuesWhenAnotherIsAdded() {
        String alone = text(new Generator(new Generate(5L, List.of(X), 1L, 1), Generator.Form.CSV), 0);
        String both = text(
                new Generator(
                        new Generate(5L, List.of(column("n", Distribution.Normal), X), 1L, 1), Generator.Form.CSV),
                0);
        assertThat(both.lines()
                        .map(line -> line.substring(line.indexOf(',') + 1))
                        .toList())
                .isEqualTo(alone.lines().toList());
    }

    @Test
    void rowsAreSpreadOverTheObjectsAndASequenceRunsThroughAllOfThem() {
        Generator generator = new Generator(
                new Generate(10L, List.of(column("i", Distribution.Sequence)), 0L, 3), Generator.Form.CSV);
        assertThat(IntStream.range(0, 3)
                        .boxed()
                        .flatMap(object -> text(generator, object).lines().skip(1)))
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    @Test
    void distributionsAreWhatTheyAreCalled() {
        DoubleStream.Builder builder = DoubleStream.builder();
        values(new Column("n", Distribution.Normal, null, null, "10", "2", List.of(), 0))
                .mapToDouble(Double::parseDouble)
                .forEach(builder);
        var normal = builder.build().summaryStatistics();
        assertThat(normal.getAverage()).isBetween(9.9, 10.1);
        assertThat(values(new Column("u", Distribution.Uniform, "-1", "1", null, null, List.of(), 0)))
                .allMatch(value -> Double.parseDouble(value) >= -1 && Double.parseDouble(value) < 1);
        assertThat(values(new Column("k", Distribution.Integer, "0.5", "3", null, null, List.of(), 0)))
                .containsOnly("1", "2");
        assertThat(values(new Column("c", Distribution.Choice, null, null, null, null, List.of("a,b", "c"), 0)))
                .containsOnly("\"a,b\"", "c");
        assertThat(values(new Column("h", Distribution.Uniform, null, null, null, null, List.of(), 50))
                        .filter(value -> value.equals("\"\""))
                        .count())
                .isBetween(4_700L, 5_300L);
    }

    @Test
    void jsonLinesKeepTypesAndNulls() {
        Column name = new Column("n\"", Distribution.Choice, null, null, null, null, List.of("é\n"), 0);
        Column none = new Column("z", Distribution.Uniform, null, null, null, null, List.of(), 100);
        assertThat(text(
                        new Generator(
                                new Generate(1L, List.of(column("i", Distribution.Sequence), name, none), 0L, 1),
                                Generator.Form.JSON_LINES),
                        0))
                .isEqualTo("{\"i\":0,\"n\\\"\":\"é\\n\",\"z\":null}\n");
    }

    @Test
    void anObjectThatFitsNoReplyNamesANumberOfObjectsThatWould() {
        Generator generator = new Generator(new Generate(3_000_000L, List.of(X), 7L, 1), Generator.Form.CSV);
        assertThatThrownBy(() -> generator.object(0))
                .isInstanceOf(Generator.TooLarge.class)
                .hasMessage("3000000 rows of one object are more than 32 MiB: set generate.objects to 2 or more");
    }

    private static Stream<String> values(Column column) {
        return text(new Generator(new Generate(10_000L, List.of(column), 1L, 1), Generator.Form.CSV), 0)
                .lines()
                .skip(1);
    }

    private static Column column(String name, Distribution distribution) {
        return new Column(name, distribution, null, null, null, null, List.of(), 0);
    }

    private static String text(Generator generator, int object) {
        return new String(generator.object(object), StandardCharsets.UTF_8);
    }
}
