package dev.tidemill.functions.model.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.TrainData;
import dev.tidemill.functions.model.graph.Natives;
import dev.tidemill.learn.Classes;
import dev.tidemill.learn.LearnException;
import dev.tidemill.learn.Learner;
import dev.tidemill.learn.Onnx;
import dev.tidemill.learn.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a network is to be like and how it is trained: hidden layers with rectifiers, classes by softmax, cross entropy, Adam.
 *
 * @param hidden widths of the hidden layers
 * @param epochs how many
 * @param batch rows in a step
 * @param rate of a step
 */
record NetworkLearner(TrainData settings, int[] hidden, int epochs, int batch, double rate, long seed) {

    private static final int WIDEST = 4_096;

    static NetworkLearner of(TrainData settings) {
        Parameters parameters = Parameters.of(settings);
        String hidden = parameters.text("hidden");
        NetworkLearner learner = new NetworkLearner(
                settings,
                hidden == null ? new int[] {64} : widths(hidden),
                parameters.whole("epochs", 30, 1, 100_000),
                parameters.whole("batch", 32, 1, 1 << 20),
                parameters.number("rate", 1e-3, rate -> rate > 0 && rate <= 1, "between 0 and 1"),
                (long) parameters.number("seed", 0, value -> value == Math.rint(value), "a whole number"));
        parameters.noMore("hidden, epochs, batch, rate and seed");
        Onnx.width(settings);
        return learner;
    }

    private static int[] widths(String text) {
        try {
            int[] widths = Arrays.stream(text.split(",", -1))
                    .mapToInt(width -> Integer.parseInt(width.strip()))
                    .toArray();
            if (Arrays.stream(widths).allMatch(width -> width >= 1 && width <= WIDEST)) {
                return widths;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new LearnException(
                "BadParameter", "hidden is a list of widths up to %d, such as 64,32; not %s".formatted(WIDEST, text));
    }

    /** All rows. */
    record Table(List<double[]> x, List<String> targets) {}

    /** One epoch from a state, or from the beginning; after the last one the figures are those of the network that came of it. */
    Network epoch(Table table, @Nullable JsonNode state, Natives natives) {
        Network before = state == null ? begin(table) : Network.fromJson(state);
        Map<String, Integer> positions = new HashMap<>();
        before.classes().forEach(name -> positions.put(name, positions.size()));
        int[] y = table.targets().stream()
                .mapToInt(target -> {
                    Integer position = positions.get(target);
                    if (position == null) {
                        throw new LearnException(
                                "BadInput", "class \"%s\" was not there in the first round".formatted(target));
                    }
                    return position;
                })
                .toArray();
        Epoch epoch = new Epoch(natives, batch, rate, seed);
        Epoch.Rows rows = new Epoch.Rows(table.x(), y);
        Network after = epoch.train(before, rows);
        return after.epoch() < epochs ? after : epoch.measure(after, rows);
    }

    private Network begin(Table table) {
        List<String> classes = Classes.ordered(Set.copyOf(table.targets()), settings);
        Onnx.check(settings, "the class (INT64 or BYTES) and the probabilities", classes.size());
        int inputs = Onnx.width(settings);
        double[] mean = new double[inputs];
        double[] scale = new double[inputs];
        for (int j = 0; j < inputs; j++) {
            int column = j;
            mean[j] =
                    table.x().stream().mapToDouble(row -> row[column]).average().orElseThrow();
            double variance = table.x().stream()
                    .mapToDouble(row -> (row[column] - mean[column]) * (row[column] - mean[column]))
                    .average()
                    .orElseThrow();
            scale[j] = variance > 0 ? Math.sqrt(variance) : 1;
        }
        int[] widths = IntStream.concat(
                        IntStream.concat(IntStream.of(inputs), Arrays.stream(hidden)), IntStream.of(classes.size()))
                .toArray();
        return Network.begin(classes, mean, scale, widths, seed);
    }

    /** What an epoch comes to. */
    Learner.Outcome outcome(ObjectNode state) {
        Network network = Network.fromJson(state);
        if (network.epoch() < epochs) {
            return new Learner.Next(state);
        }
        List<double[][]> weights = new ArrayList<>();
        List<double[]> biases = new ArrayList<>();
        for (int layer = 0; layer < network.layers(); layer++) {
            weights.add(network.rows(layer));
            biases.add(network.biases(layer));
        }
        return new Learner.Trained(
                Onnx.network(settings, network.mean(), network.scale(), weights, biases, network.classes()),
                Map.of("mean", network.mean(), "scale", network.scale()),
                Map.of("loss", network.loss(), "accuracy", network.accuracy()),
                true);
    }
}
