package dev.tidemill.functions.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Json;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Algorithm;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.TrainData;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.graph.Natives;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.learn.Learner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A network trained on scikit-learn's digits, against {@code src/test/models/train_network.py}: the same weights, order and steps. */
class NetworkTest {

    private static final NetworkLearner.Table DIGITS = new NetworkLearner.Table(new ArrayList<>(), new ArrayList<>());
    private static final TrainData SETTINGS = new TrainData(
            "digits",
            new ModelSpec.Train(
                    "scans",
                    "column64",
                    Algorithm.NeuralNetwork,
                    List.of(
                            new ModelSpec.Parameter("hidden", "32, 16"),
                            new ModelSpec.Parameter("epochs", "8"),
                            new ModelSpec.Parameter("rate", "0.002"),
                            new ModelSpec.Parameter("seed", "7")),
                    new ModelSpec.Place("models", "")),
            List.of(Models.tensor("x", Datatype.FP32, -1, 64)),
            List.of(Models.tensor("label", Datatype.INT64, -1), Models.tensor("probabilities", Datatype.FP32, -1, 10)));

    @BeforeAll
    static void readDigits() throws IOException {
        Path file = Path.of("../../k8s/examples/data/digits/digits.csv.gz");
        try (var lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] cells = line.split(",", -1);
                DIGITS.x()
                        .add(Arrays.stream(cells, 0, 64)
                                .mapToDouble(Double::parseDouble)
                                .toArray());
                DIGITS.targets().add(Integer.toString((int) Double.parseDouble(cells[64])));
            }
        }
    }

    @Test
    void lossAndAccuracyOfEachEpochArePyTorchsAndTheGraphTellsWhatTheNetworkTells() throws IOException {
        trains(Models.NATIVES);
    }

    @Test
    void onAGpuItComesToTheSame() throws IOException {
        assumeThat(Files.exists(Path.of("/dev/nvidiactl")))
                .as("this machine has no NVIDIA GPU: nothing here shows that networks are trained on one")
                .isTrue();
        trains(new Natives(Models.NATIVES.folder(), Natives.Device.GPU));
    }

    private static void trains(Natives natives) throws IOException {
        JsonNode torch = Json.mapper()
                .readTree(Models.FOLDER.resolve("network-torch.json").toFile());
        NetworkLearner learner = NetworkLearner.of(SETTINGS);
        ObjectNode state = null;
        double before = Double.POSITIVE_INFINITY;
        for (JsonNode epoch : torch.path("epochs")) {
            state = epoch(learner, state, natives);
            double loss = epoch.path("loss").asDouble();
            assertThat(state.path("loss").asDouble())
                    .isCloseTo(loss, within(1e-3 * loss))
                    .isLessThan(before);
            assertThat(state.path("accuracy").asDouble())
                    .isCloseTo(epoch.path("accuracy").asDouble(), within(0.002));
            before = state.path("loss").asDouble();
        }
        Learner.Outcome outcome = learner.outcome(Objects.requireNonNull(state));
        assertThat(outcome).isInstanceOf(Learner.Trained.class);
        int right = right((Learner.Trained) outcome);
        assertThat(right).isCloseTo(torch.path("right").asInt(), within(4)).isGreaterThan(1_720);
    }

    @Test
    void aStateGoesOnInAnotherProcessBitByBit() throws IOException {
        NetworkLearner learner = NetworkLearner.of(SETTINGS);
        ObjectNode one = epoch(learner, epoch(learner, null, Models.NATIVES), Models.NATIVES);
        JsonNode reread = Json.mapper().readTree(Json.bytes(epoch(learner, null, Models.NATIVES)));
        assertThat(epoch(learner, reread, Models.NATIVES).path("weights")).isEqualTo(one.path("weights"));
    }

    @Test
    void anEpochComesToTheSameOnAThreadThatPyTorchHasNotSeen() throws Exception {
        NetworkLearner learner = NetworkLearner.of(SETTINGS);
        ObjectNode here = epoch(learner, null, Models.NATIVES);
        try (var fresh = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            ObjectNode there =
                    fresh.submit(() -> epoch(learner, null, Models.NATIVES)).get();
            assertThat(there.path("weights")).isEqualTo(here.path("weights"));
        }
    }

    @Test
    void aTargetWithFractionsIsNoClass() {
        NetworkLearner.Table table =
                new NetworkLearner.Table(List.of(new double[64], new double[64]), List.of("0.25", "1"));

        assertThatThrownBy(() -> NetworkLearner.of(SETTINGS).epoch(table, null, Models.NATIVES))
                .hasMessageStartingWith("column column64 has numbers with fractions, such as 0.25");
    }

    static ObjectNode epoch(NetworkLearner learner, @Nullable JsonNode state, Natives natives) throws IOException {
        return (ObjectNode) Json.mapper()
                .readTree(Json.bytes(learner.epoch(DIGITS, state, natives).toJson()));
    }

    private static int right(Learner.Trained trained) throws IOException {
        Path file = Files.createTempFile("network", ".onnx");
        Files.write(file, trained.graph().toBytes());
        ByteBuffer data = Tensor.allocate(4L * 64 * DIGITS.x().size());
        DIGITS.x().forEach(row -> Arrays.stream(row).forEach(value -> data.putFloat((float) value)));
        Tensor x = new Tensor("x", Datatype.FP32, new long[] {DIGITS.x().size(), 64}, data.flip());
        try (ServedModel model =
                Models.load(Models.config(ModelSpec.Format.ONNX, file, SETTINGS.inputs(), SETTINGS.outputs(), 4096))) {
            long[] labels = Models.longs(model.infer(List.of(x)).join().getFirst());
            int right = 0;
            for (int i = 0; i < labels.length; i++) {
                right += Long.toString(labels[i]).equals(DIGITS.targets().get(i)) ? 1 : 0;
            }
            return right;
        } finally {
            Files.delete(file);
        }
    }
}
