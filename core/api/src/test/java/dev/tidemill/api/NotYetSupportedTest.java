package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.NotYetSupported.Place;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotYetSupportedTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Dataset  | {source: {bucket: lake}, format: {type: Csv, compression: Zstd}}                    | spec.format.compression
                    Dataset  | {source: {bucket: lake}, deletionPolicy: Delete}                                 | spec.deletionPolicy
                    """)
    void namesTheFieldThatCannotBeHonouredYet(String kind, String spec, String path) {
        assertThat(Stream.of(Place.values())
                        .flatMap(place -> NotYetSupported.check(resource(kind, spec), place).stream())
                        .distinct())
                .singleElement()
                .satisfies(violation -> assertThat(violation.path()).isEqualTo(path))
                .satisfies(violation -> assertThat(violation.message()).startsWith("is not supported yet; "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Dataset  | {source: {bucket: lake}}
                    Dataset  | {from: {dataset: a, function: m, combine: Tree}}
                    Function | {builtin: mean, env: [{name: COLUMN, value: x}], resources: {limits: {cpu: 1}}}
                    Function | {image: i, runtime: Lambda, handler: a.b, events: [{name: e, filter: {source: s}}], data: [{name: d, bucket: lake}]}
                    """)
    void leavesEverythingElseAlone(String kind, String spec) {
        assertThat(NotYetSupported.check(resource(kind, spec), Place.Laptop)).isEmpty();
    }

    private static Resource resource(String kind, String spec) {
        var yaml = "apiVersion: tidemill.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: x}\nspec: " + spec + "\n";
        return ResourceReader.read(Path.of("x.yaml"), yaml).resources().getFirst();
    }
}
