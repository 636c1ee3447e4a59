package dev.tidemill.functions.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Json;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Algorithm;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.TrainData;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Venv;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.learn.Examples;
import dev.tidemill.learn.LearnException;
import dev.tidemill.learn.Learner;
import dev.tidemill.learn.Sums;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is learned in rounds over shards, against scikit-learn on the whole table, and served by ONNX Runtime. */
class TrainingTest {

    private static final Path FILES = Path.of("target", "sklearn-files").toAbsolutePath();

    @BeforeAll
    static void askScikitLearn() throws Exception {
        Files.createDirectories(FILES);
        Venv.of("sklearn", "that models are trained as scikit-learn trains them")
                .run("train_with_sklearn.py", FILES);
    }

    @ParameterizedTest
    @CsvSource({
        "diabetes, 0, 1",
        "diabetes, 0, 20",
        "diabetes, 0, 200",
        "far, 0, 1",
        "far, 0, 20",
        "far, 0, 200",
        "scales, 0, 20",
        "just-enough, 0, 3",
        "powers, 0, 20",
        "wide, 0.5, 3"
    })
    void linearCoefficientsAreScikitLearns(String table, String l2, int shards) throws IOException {
        Table rows = Table.read(table);
        TrainData settings = rows.settings(Algorithm.LinearRegression, Map.of("l2", l2), real("prediction"));

        Learner.Trained trained = train(rows, settings, shards);

        double[] shares =
                Objects.requireNonNull(trained.parameters().get("coefficients")).clone();
        Arrays.setAll(shares, j -> shares[j] * rows.expected("deviations")[j]);
        close(shares, rows.expected("shares"), 1e-8);
        close(trained.parameters().get("intercept"), rows.expected("intercept"), 1e-8);
        close(serve(trained, settings, rows, "prediction"), rows.expected("prediction"), 1e-8);
    }

    @ParameterizedTest
    @CsvSource({
        "cancer, 1, 1",
        "cancer, 1, 20",
        "cancer, 1, 200",
        "iris, 0.25, 1",
        "iris, 0.25, 20",
        "iris, 0.25, 200",
        "scales-of-three, 0.5, 20",
        "wide-classes, 0.1, 3",
        "twins, 1, 20",
        "digits, 2, 4"
    })
    void logisticLossIsScikitLearnsUnderTheSamePenalty(String table, String l2, int shards) throws IOException {
        Table rows = Table.read(table);
        int classes = rows.expected("probabilities").length / rows.x.size();
        TrainData settings = rows.settings(
                Algorithm.LogisticRegression,
                Map.of("l2", l2),
                Models.tensor("label", Datatype.INT64, -1),
                Models.tensor("probabilities", Datatype.FP64, -1, classes));

        Learner.Trained trained = train(rows, settings, shards);

        assertThat(trained.converged()).isTrue();
        close(new double[] {metric(trained, "loss")}, rows.expected("loss"), 1e-6);
        close(new double[] {metric(trained, "accuracy")}, rows.expected("accuracy"), 0);
        close(serve(trained, settings, rows, "probabilities"), rows.expected("probabilities"), 1e-5);
        close(serve(trained, settings, rows, "label"), rows.expected("label"), 0);
    }

    @ParameterizedTest
    @CsvSource({
        "iris-clusters, 1",
        "iris-clusters, 20",
        "iris-clusters, 200",
        "digits-clusters, 20",
        "ties, 5",
        "lost, 1",
        "lost, 20",
        "lost, 200"
    })
    void clustersFromEqualStartsAreScikitLearns(String table, int shards) throws IOException {
        Table rows = Table.read(table);
        double[] starts = rows.expected("starts");
        int width = rows.x.getFirst().length;
        String given = IntStream.range(0, starts.length / width)
                .mapToObj(c -> Arrays.stream(starts, c * width, (c + 1) * width)
                        .mapToObj(Double::toString)
                        .collect(Collectors.joining(",")))
                .collect(Collectors.joining(";"));
        TrainData settings =
                rows.settings(Algorithm.KMeans, Map.of("starts", given), Models.tensor("label", Datatype.INT64, -1));

        Learner.Trained trained = train(rows, settings, shards);

        assertThat(trained.converged()).isTrue();
        close(serve(trained, settings, rows, "label"), rows.expected("label"), 0);
        close(new double[] {metric(trained, "inertia")}, rows.expected("inertia"), 1e-9);
    }

    @Test
    void drawnStartsAreTheSameInAnyNumberOfShardsAndFollowTheSeed() throws IOException {
        Table rows = Table.read("digits-clusters");
        List<double[]> centres = new ArrayList<>();
        for (String seed : List.of("1", "2")) {
            TrainData settings = rows.settings(
                    Algorithm.KMeans,
                    Map.of("clusters", "10", "seed", seed),
                    Models.tensor("distances", Datatype.FP32, -1, 10));
            Learner.Trained whole = train(rows, settings, 1);
            double[] one = whole.parameters().get("centres");
            assertThat(train(rows, settings, 20).parameters().get("centres")).isEqualTo(one);
            assertThat(train(rows, settings, 200).parameters().get("centres")).isEqualTo(one);
            double inertia = metric(whole, "inertia");
            // From any sensible start the digits' ten clusters come to within a few percent of each other.
            assertThat(inertia).isCloseTo(rows.expected("inertia")[0], within(0.05 * rows.expected("inertia")[0]));
            centres.add(one);
        }
        assertThat(centres.getFirst()).isNotEqualTo(centres.getLast());
    }

    @Test
    void whatCannotBeLearnedIsToldAsWhatToDo() throws IOException {
        Table rows = new Table(
                "twice", new ArrayList<>(), new ArrayList<>(), Json.mapper().createObjectNode());
        for (int i = 0; i < 30; i++) {
            rows.x.add(new double[] {i, 2 * i, i * i});
            rows.y.add(Integer.toString(i));
        }
        TrainData line = rows.settings(Algorithm.LinearRegression, Map.of(), real("y"));
        assertThatThrownBy(() -> train(rows, line, 3))
                .isInstanceOf(LearnException.class)
                .hasMessageStartingWith("input 2 of 3 is, as far as doubles can tell, made up of those before it");
        ModelSpec.Tensor named = new ModelSpec.Tensor("x", Datatype.FP64, List.of(-1L, 3L), List.of("a", "b", "c"));
        TrainData said = new TrainData(line.model(), line.train(), List.of(named), line.outputs());
        assertThatThrownBy(() -> train(rows, said, 3)).hasMessageStartingWith("input 2 of 3, column b, is, as far as");
        TrainData unknown = rows.settings(Algorithm.KMeans, Map.of("k", "3"), real("y"));
        assertThatThrownBy(() -> Learner.of(unknown))
                .hasMessage("KMeans has no parameter k; it knows clusters, seed, starts and maxRounds");
        TrainData wrong =
                rows.settings(Algorithm.KMeans, Map.of("clusters", "3"), Models.tensor("z", Datatype.FP32, -1, 4));
        assertThatThrownBy(() -> Learner.of(wrong)).hasMessageContaining("spec.outputs: z is FP32 [-1, 4]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3,4,low|record 2: the target, column y, is \"low\", and a finite number is needed",
                "3,4,NaN|record 2: the target, column y, is \"NaN\", and a finite number is needed",
                "3,4,|record 2 has no value in column y, and the target is needed",
                "3,,5|record 2 has no value in column x1, and a finite number is needed",
                "3,inf,5|record 2 has \"inf\" in column x1, and a finite number is needed",
                "3,1e200,5|record 2 has \"1e200\" in column x1, and numbers up to 1e140 can be learned from"
            })
    void aRowThatNothingCanBeLearnedFromIsNamed(String row, String message, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("rows.csv"), "x0,x1,y\n1,2,3\n" + row + "\n");
        TrainData settings = Table.settings(Algorithm.LinearRegression, Map.of(), 2, real("prediction"));
        Learner.Round round = Learner.of(settings).round(null);
        Sums sums = round.empty();
        try (RecordReader rows = RecordReader.open(ByteSource.of(file), new Format.Auto())) {
            assertThatThrownBy(
                            () -> Examples.read(rows, "rows.csv", settings, (x, target) -> round.add(sums, x, target)))
                    .hasMessage(message);
        }
        assertThat(sums.rows()).isEqualTo(1);
    }

    /** As scikit-learn has it: "Unknown label type: continuous". Whole numbers and texts are classes, and so is a number among texts. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.5 1 2|column y has numbers with fractions, such as 0.5, and no classes: predict it by LinearRegression,",
                "1e-3 -2|column y has numbers with fractions, such as 1e-3, and no classes",
                "7 7|column y is [7] in all rows",
                "2 10 1|",
                "1.5 many|",
                "1.0 2.0|",
                "1.5d 2.5d|"
            })
    void classesAreWholeNumbersOrTexts(String values, @Nullable String refusal) {
        List<String> targets = List.of(values.split(" ", -1));
        TrainData settings = Table.settings(
                Algorithm.LogisticRegression,
                Map.of(),
                1,
                Models.tensor("label", Datatype.BYTES, -1),
                Models.tensor("probabilities", Datatype.FP64, -1, targets.size()));
        Learner.Round round = Learner.of(settings).round(null);
        Sums sums = round.empty();
        targets.forEach(target -> round.add(sums, new double[] {target.length()}, target));

        if (refusal == null) {
            assertThat(round.finish(sums)).isInstanceOf(Learner.Next.class);
        } else {
            assertThatThrownBy(() -> round.finish(sums))
                    .isInstanceOf(LearnException.class)
                    .hasMessageStartingWith(refusal);
        }
    }

    @Test
    void aTargetWithAThousandAndOneValuesIsNoClass() {
        TrainData settings = Table.settings(
                Algorithm.LogisticRegression,
                Map.of(),
                1,
                Models.tensor("label", Datatype.INT64, -1),
                Models.tensor("probabilities", Datatype.FP64, -1, 1_000));
        Learner.Round round = Learner.of(settings).round(null);
        Sums sums = round.empty();
        IntStream.range(0, 5_000).forEach(i -> round.add(sums, new double[] {i}, Integer.toString(i % 2_500)));

        assertThatThrownBy(() -> round.finish(sums))
                .hasMessageStartingWith("column y has more than 1,000 different values, and no classes");
    }

    @Test
    void fewerRowsThanNumbersToFindAreRefusedUnlessAPenaltyDecides() throws IOException {
        Table rows = Table.read("wide");

        assertThatThrownBy(
                        () -> train(rows, rows.settings(Algorithm.LinearRegression, Map.of(), real("prediction")), 3))
                .hasMessage(
                        "50 coefficients and an intercept want 51 rows or more, and there are 20: take fewer columns, or"
                                + " set the parameter l2");
    }

    private static double metric(Learner.Trained trained, String name) {
        return Objects.requireNonNull(trained.metrics().get(name));
    }

    private static ModelSpec.Tensor real(String name) {
        return Models.tensor(name, Datatype.FP64, -1);
    }

    /** As the ledger does it: parts in JSON, merged in a tree, the state in JSON from round to round. */
    private static Learner.Trained train(Table rows, TrainData settings, int shards) throws IOException {
        JsonNode state = null;
        while (true) {
            List<JsonNode> parts = new ArrayList<>();
            for (int shard = 0; shard < shards; shard++) {
                Learner.Round round = Learner.of(settings).round(state);
                Sums sums = round.empty();
                for (int i = shard; i < rows.x.size(); i += shards) {
                    round.add(sums, rows.x.get(i), rows.y.get(i));
                }
                parts.add(reread(sums.toJson()));
            }
            while (parts.size() > 1) {
                List<JsonNode> merged = new ArrayList<>();
                for (int i = 0; i < parts.size(); i += 8) {
                    Sums sums = Sums.fromJson(parts.get(i));
                    parts.subList(i + 1, Math.min(i + 8, parts.size()))
                            .forEach(part -> sums.merge(Sums.fromJson(part)));
                    merged.add(reread(sums.toJson()));
                }
                parts = merged;
            }
            Sums all = Sums.fromJson(parts.getFirst());
            assertThat(all.rows()).isEqualTo(rows.x.size());
            switch (Learner.of(settings).round(state).finish(all)) {
                case Learner.Next next -> state = reread(next.state());
                case Learner.Trained trained -> {
                    return trained;
                }
            }
        }
    }

    private static JsonNode reread(JsonNode json) throws IOException {
        return Json.mapper().readTree(Json.bytes(json));
    }

    private static double[] serve(Learner.Trained trained, TrainData settings, Table rows, String output)
            throws IOException {
        Path file = Files.createTempFile("trained", ".onnx");
        Files.write(file, trained.graph().toBytes());
        ByteBuffer data = Tensor.allocate(8L * rows.x.size() * rows.x.getFirst().length);
        rows.x.forEach(row -> Arrays.stream(row).forEach(data::putDouble));
        Tensor x = new Tensor("x", Datatype.FP64, new long[] {rows.x.size(), rows.x.getFirst().length}, data.flip());
        try (ServedModel model =
                Models.load(Models.config(ModelSpec.Format.ONNX, file, settings.inputs(), settings.outputs(), 4096))) {
            Tensor given = model.infer(List.of(x)).join().stream()
                    .filter(tensor -> tensor.name().equals(output))
                    .findFirst()
                    .orElseThrow();
            return given.datatype() == Datatype.INT64
                    ? Arrays.stream(Models.longs(given)).asDoubleStream().toArray()
                    : doubles(given);
        } finally {
            Files.delete(file);
        }
    }

    private static double[] doubles(Tensor tensor) {
        double[] values = new double[tensor.data().limit() / 8];
        tensor.data().asDoubleBuffer().get(values);
        return values;
    }

    /** To so much of the largest. */
    private static void close(double @Nullable [] actual, double[] expected, double bound) {
        assertThat(actual).hasSameSizeAs(expected);
        double[] given = Objects.requireNonNull(actual);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertThat(given[i]).as("%d of %d", i, expected.length).isCloseTo(expected[i], within(bound * largest));
        }
    }

    /** Rows, and what scikit-learn made of them. */
    private record Table(String name, List<double[]> x, List<String> y, JsonNode expected) {

        static Table read(String name) throws IOException {
            Path file = FILES.resolve(name + ".csv");
            Table table = new Table(
                    name,
                    new ArrayList<>(),
                    new ArrayList<>(),
                    Json.mapper().readTree(FILES.resolve(name + ".json").toFile()));
            String header = Files.readAllLines(file).getFirst();
            int width = header.split(",", -1).length - 1;
            TrainData settings = settings(Algorithm.LinearRegression, Map.of(), width, real("y"));
            try (RecordReader rows = RecordReader.open(ByteSource.of(file), new Format.Auto())) {
                Examples.read(rows, name, settings, (row, target) -> {
                    table.x.add(row.clone());
                    table.y.add(target);
                });
            }
            return table;
        }

        double[] expected(String key) {
            JsonNode values = expected.get(key);
            return IntStream.range(0, values.size())
                    .mapToDouble(i -> values.get(i).asDouble())
                    .toArray();
        }

        TrainData settings(Algorithm algorithm, Map<String, String> parameters, ModelSpec.Tensor... outputs) {
            return settings(algorithm, parameters, x.getFirst().length, outputs);
        }

        private static TrainData settings(
                Algorithm algorithm, Map<String, String> parameters, int width, ModelSpec.Tensor... outputs) {
            ModelSpec.Tensor input =
                    new ModelSpec.Tensor("x", Datatype.FP64, List.of(-1L, (long) width), List.of("x[0-9]*"));
            return new TrainData(
                    "test",
                    new ModelSpec.Train(
                            "rows",
                            algorithm == Algorithm.KMeans ? null : "y",
                            algorithm,
                            parameters.entrySet().stream()
                                    .map(entry -> new ModelSpec.Parameter(entry.getKey(), entry.getValue()))
                                    .toList(),
                            new ModelSpec.Place("models", "test/")),
                    List.of(input),
                    List.of(outputs));
        }
    }
}
