package dev.tidemill.functions.model.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.learn.Doubles;
import dev.tidemill.learn.LearnException;
import java.util.ArrayList;
import java.util.List;

/**
 * A network between two epochs: everything that the next one needs, so that it may run in another process.
 *
 * @param epoch how many have been
 * @param classes in the order of the outputs
 * @param mean and {@code scale}: what inputs are centred and divided by
 * @param widths of the inputs, the hidden layers and the outputs
 * @param weights of all layers, each row by row and then its biases
 * @param first and {@code second}: Adam's running means of the gradients and of their squares
 * @param steps that Adam has made
 * @param loss of a row, and {@code accuracy}: on the way through the last epoch, or of the network as it is when it is done
 */
record Network(
        int epoch,
        List<String> classes,
        double[] mean,
        double[] scale,
        int[] widths,
        float[] weights,
        float[] first,
        float[] second,
        long steps,
        double loss,
        double accuracy) {

    /** Before the first epoch: as PyTorch's {@code Linear} begins, between ± 1 / √inputs. */
    static Network begin(List<String> classes, double[] mean, double[] scale, int[] widths, long seed) {
        Shuffle chance = new Shuffle(seed, 0);
        int size = 0;
        for (int layer = 1; layer < widths.length; layer++) {
            size += (widths[layer - 1] + 1) * widths[layer];
        }
        float[] weights = new float[size];
        int at = 0;
        for (int layer = 1; layer < widths.length; layer++) {
            double bound = 1 / Math.sqrt(widths[layer - 1]);
            for (int i = 0; i < (widths[layer - 1] + 1) * widths[layer]; i++) {
                weights[at++] = (float) ((2 * chance.unit() - 1) * bound);
            }
        }
        return new Network(
                0, classes, mean, scale, widths, weights, new float[size], new float[size], 0, Double.NaN, 0);
    }

    /** The same with other figures. */
    Network with(double newLoss, double newAccuracy) {
        return new Network(epoch, classes, mean, scale, widths, weights, first, second, steps, newLoss, newAccuracy);
    }

    int layers() {
        return widths.length - 1;
    }

    /** Where a layer's weights begin. */
    int offset(int layer) {
        int at = 0;
        for (int l = 0; l < layer; l++) {
            at += (widths[l] + 1) * widths[l + 1];
        }
        return at;
    }

    /** One row for each output of a layer. */
    double[][] rows(int layer) {
        double[][] rows = new double[widths[layer + 1]][widths[layer]];
        int at = offset(layer);
        for (double[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] = weights[at++];
            }
        }
        return rows;
    }

    double[] biases(int layer) {
        double[] biases = new double[widths[layer + 1]];
        int at = offset(layer) + widths[layer] * widths[layer + 1];
        for (int i = 0; i < biases.length; i++) {
            biases[i] = weights[at + i];
        }
        return biases;
    }

    ObjectNode toJson() {
        ObjectNode json =
                JsonNodeFactory.instance.objectNode().put("round", epoch).put("steps", steps);
        classes.forEach(json.putArray("classes")::add);
        for (int width : widths) {
            json.withArray("widths").add(width);
        }
        json.set("mean", Doubles.toJson(mean));
        json.set("scale", Doubles.toJson(scale));
        json.set("weights", Doubles.toJson(wide(weights)));
        json.set("first", Doubles.toJson(wide(first)));
        json.set("second", Doubles.toJson(wide(second)));
        return json.put("loss", loss).put("accuracy", accuracy);
    }

    static Network fromJson(JsonNode json) {
        List<String> classes = new ArrayList<>();
        json.path("classes").forEach(name -> classes.add(name.asText()));
        int[] widths = new int[json.path("widths").size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = json.path("widths").get(i).asInt();
        }
        Network network = new Network(
                json.path("round").asInt(),
                classes,
                Doubles.fromJson(json.path("mean")),
                Doubles.fromJson(json.path("scale")),
                widths,
                narrow(Doubles.fromJson(json.path("weights"))),
                narrow(Doubles.fromJson(json.path("first"))),
                narrow(Doubles.fromJson(json.path("second"))),
                json.path("steps").asLong(),
                json.path("loss").asDouble(),
                json.path("accuracy").asDouble());
        if (widths.length < 2 || network.offset(network.layers()) != network.weights.length) {
            throw new LearnException("BadRequest", "the state of a round is no network");
        }
        return network;
    }

    private static double[] wide(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }
}
