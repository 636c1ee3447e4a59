package dev.tidemill.profile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.yaml.snakeyaml.Yaml;

/** The rules of the CSV reader as data: {@code csv-spec/*.yaml}. */
class CsvSpecTest {

    @TestFactory
    Stream<DynamicTest> readsRecords() {
        return Stream.of("quotes", "lines", "dialect").flatMap(file -> cases(file, this::reads));
    }

    @TestFactory
    Stream<DynamicTest> refusesAndNamesLineByteAndRemedy() {
        return cases("errors", spec -> {
            ByteSource source = source(spec);
            assertThatThrownBy(() -> new Profiler().profile(source, format(spec)))
                    .isInstanceOf(FormatException.class)
                    .hasMessage((String) spec.get("error"));
            assertThatThrownBy(() -> new Profiler(3).profile(source, format(spec)))
                    .isInstanceOf(FormatException.class)
                    .hasMessage((String) spec.get("error"));
        });
    }

    @TestFactory
    Stream<DynamicTest> infersTypes() {
        return cases("types", spec -> {
            List<String> values = strings(spec.get("values"));
            check(spec, values, values.size());
            for (int cut = 1; cut < values.size(); cut++) {
                Profile left = column(values.subList(0, cut));
                Profile right = column(values.subList(cut, values.size()));
                check(spec, left.merge(right).columns().getFirst(), values.size());
                check(spec, right.merge(left).columns().getFirst(), values.size());
            }
        });
    }

    private static void check(Map<String, Object> spec, List<String> values, int count) throws IOException {
        check(spec, column(values).columns().getFirst(), count);
    }

    private static void check(Map<String, Object> spec, ColumnProfile column, int count) {
        assertThat(column.type()).hasToString((String) spec.get("type"));
        assertThat(value(column.min())).isEqualTo(value(spec.get("min")));
        assertThat(value(column.max())).isEqualTo(value(spec.get("max")));
        assertThat(column.count()).isEqualTo(count);
        assertThat(column.nan()).isEqualTo(((Number) spec.getOrDefault("nan", 0)).longValue());
        if (spec.get("distinct") instanceof Number distinct) {
            assertThat(column.distinct()).isEqualTo(distinct.longValue());
        }
    }

    private static @Nullable Object value(@Nullable Object value) {
        return switch (value) {
            case Integer number -> number.longValue();
            case LocalDate date -> date.toString();
            case LocalDateTime time -> time.toString();
            case null, default -> value;
        };
    }

    private static Profile column(List<String> values) throws IOException {
        byte[] csv = ("\"c\"\n" + String.join("\n", values) + "\n").getBytes(UTF_8);
        Format.Csv format = Format.Csv.DEFAULT.withHeader(Format.Header.PRESENT).withDelimiter(',');
        return new Profiler().profile(ByteSource.of("t.csv", csv), format);
    }

    private void reads(Map<String, Object> spec) throws IOException {
        List<List<@Nullable String>> records = new ArrayList<>();
        try (RecordReader reader = RecordReader.open(source(spec), format(spec))) {
            if (spec.get("columns") != null) {
                assertThat(reader.columns()).isEqualTo(spec.get("columns"));
            }
            while (reader.next()) {
                List<@Nullable String> record = new ArrayList<>();
                for (int i = 0; i < reader.columns().size(); i++) {
                    record.add(reader.isNull(i) ? null : reader.text(i));
                }
                records.add(record);
            }
        }
        assertThat((Object) records).isEqualTo(spec.get("records"));
        Profile profile = new Profiler().profile(source(spec), format(spec));
        assertThat(profile.rows()).isEqualTo(records.size());
    }

    private static ByteSource source(Map<String, Object> spec) {
        byte[] bytes = spec.get("latin1") instanceof String text
                ? text.getBytes(ISO_8859_1)
                : ((String) Objects.requireNonNull(spec.get("input"))).getBytes(UTF_8);
        return ByteSource.of("t.csv", bytes);
    }

    private static Format.Csv format(Map<String, Object> spec) {
        String delimiter = (String) spec.get("delimiter");
        return new Format.Csv(
                delimiter == null ? null : delimiter.charAt(0),
                ((String) spec.getOrDefault("quote", "\"")).charAt(0),
                Format.Header.valueOf(((String) spec.getOrDefault("header", "auto")).toUpperCase(Locale.ROOT)),
                strings(spec.getOrDefault("nulls", List.of())),
                Format.Ragged.valueOf(((String) spec.getOrDefault("ragged", "fail")).toUpperCase(Locale.ROOT)));
    }

    @SuppressWarnings("unchecked")
    private static List<String> strings(@Nullable Object list) {
        return (List<String>) Objects.requireNonNull(list);
    }

    private interface Check {
        void run(Map<String, Object> spec) throws Exception;
    }

    private static Stream<DynamicTest> cases(String file, Check check) {
        try (InputStream in = CsvSpecTest.class.getResourceAsStream("/csv-spec/" + file + ".yaml")) {
            List<Map<String, Object>> cases = new Yaml().load(in);
            return cases.stream()
                    .map(spec -> DynamicTest.dynamicTest(file + ": " + spec.get("why"), () -> check.run(spec)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
