package dev.tidemill.functions.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.ColumnReader;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against numpy and pyarrow, installed under {@code target} from the pinned list in {@code src/test/python}. */
class NumpyTest {

    private static final Path SOURCES = Path.of("src/test/python").toAbsolutePath();
    private static final Path VENV = Path.of("target/numpy").toAbsolutePath();
    private static final Path FILES = Path.of("target/numpy-files").toAbsolutePath();

    @BeforeAll
    static void askNumpy() throws Exception {
        assumeThat(runs("python3", "-c", "import venv, ensurepip"))
                .as(
                        "not shown here: that the mean and the profiles of NPY and INT96 are numpy's; install python3 and python3-venv")
                .isTrue();
        Path done = VENV.resolve("installed");
        if (!Files.exists(done)) {
            run("python3", "-m", "venv", "--clear", VENV.toString());
            run(
                    VENV.resolve("bin/pip").toString(),
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "-r",
                    SOURCES.resolve("requirements.txt").toString());
            Files.createFile(done);
        }
        Files.createDirectories(FILES);
        run(VENV.resolve("bin/python").toString(), SOURCES.resolve("oracle.py").toString(), FILES.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 1000})
    void theMeanOverAnyNumberOfShardsIsNumpys(int shards) throws IOException {
        double[] values = new double[50_000];
        try (ColumnReader column =
                ColumnReader.open(ByteSource.of(FILES.resolve("float64.npy")), new Format.Npy(), "column0")) {
            double[] batch = new double[1024];
            int at = 0;
            for (int n = column.read(batch); n >= 0; n = column.read(batch)) {
                System.arraycopy(batch, 0, values, at, n);
                at += n;
            }
            assertThat(at).isEqualTo(values.length);
        }

        Mean whole = new Mean();
        int size = values.length / shards;
        for (int shard = 0; shard < shards; shard++) {
            Mean mean = new Mean();
            mean.add(Arrays.copyOfRange(values, size * shard, size * (shard + 1)), size);
            whole.add(Mean.fromJson(mean.toJson()));
        }

        double expected = answers().path("float64.npy").path(0).path("mean").asDouble();
        assertThat(whole.count()).isEqualTo(values.length);
        assertThat(whole.value()).isCloseTo(expected, within(Math.abs(expected) * 1e-12));
    }

    @Test
    void theProfileOfEveryArrayAndOfInt96IsNumpys() throws IOException {
        List<String> compared = new ArrayList<>();
        int columns = 0;
        for (Map.Entry<String, JsonNode> file : answers().properties()) {
            ByteSource source = ByteSource.of(FILES.resolve(file.getKey()));
            Profile profile = new Profiler().profile(source, Format.of(source));
            assertThat(profile.columns())
                    .as(file.getKey())
                    .hasSize(file.getValue().size());
            for (int i = 0; i < file.getValue().size(); i++) {
                compare(
                        file.getKey() + ", column " + i,
                        profile.columns().get(i),
                        file.getValue().get(i));
                columns++;
            }
            compared.add(file.getKey());
        }
        assertThat(compared).hasSize(12).contains("records.npy", "int96.parquet", "int64-times.parquet");
        assertThat(columns).isEqualTo(60);
    }

    private static void compare(String what, ColumnProfile ours, JsonNode numpys) {
        assertThat(List.of(ours.count(), ours.nulls(), ours.nan()))
                .as(what)
                .isEqualTo(List.of(
                        numpys.path("count").asLong(),
                        numpys.path("nulls").asLong(),
                        numpys.path("nan").asLong()));
        same(what + ", min", ours.min(), numpys.path("min"));
        same(what + ", max", ours.max(), numpys.path("max"));
        double distinct = numpys.path("distinct").asDouble();
        assertThat((double) ours.distinct())
                .as(what)
                .isCloseTo(distinct, within(distinct <= 1_000 ? 0 : 0.03 * distinct));
        if (numpys.has("mean")) {
            close(
                    what + ", mean",
                    ours.mean(),
                    numpys.path("mean").asDouble(),
                    numpys.path("stddev").asDouble());
            close(what + ", stddev", ours.stddev(), numpys.path("stddev").asDouble(), 0);
            between(what + ", p25", ours.p25(), numpys.path("p25"));
            between(what + ", p50", ours.p50(), numpys.path("p50"));
            between(what + ", p75", ours.p75(), numpys.path("p75"));
        }
    }

    private static void same(String what, @org.jspecify.annotations.Nullable Object ours, JsonNode numpys) {
        Object expected = switch (ours) {
            case LocalDateTime _ -> LocalDateTime.parse(numpys.asText());
            case Boolean _ -> numpys.asBoolean();
            case Long _ -> numpys.asLong();
            case null, default -> numpys.asDouble();
        };
        assertThat(ours).as(what).isEqualTo(expected);
    }

    /** To 1e-9, of the value itself or, for a mean near zero, of what it is made of. */
    private static void close(
            String what, @org.jspecify.annotations.Nullable Double ours, double numpys, double scale) {
        assertThat(ours).as(what).isCloseTo(numpys, within(1e-9 * Math.max(Math.abs(numpys), scale * 1e-3)));
    }

    private static void between(String what, @org.jspecify.annotations.Nullable Object ours, JsonNode ranks) {
        assertThat(ours)
                .as(what)
                .isInstanceOfSatisfying(
                        Number.class,
                        value -> assertThat(value.doubleValue())
                                .as(what)
                                .isBetween(
                                        ranks.path(0).asDouble(), ranks.path(1).asDouble()));
    }

    private static JsonNode answers() throws IOException {
        return new ObjectMapper().readTree(FILES.resolve("oracle.json").toFile());
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return start(command).waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = start(command);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("%s: %s", String.join(" ", command), said)
                .isZero();
    }

    private static Process start(String... command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
