package dev.tidemill.functions.model.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.tidemill.functions.model.graph.Natives;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Each row once, in an order that follows from the seed: forward, cross entropy, backward by PyTorch's autograd, and a step of Adam
 * (Kingma, Ba, 2015, with its usual constants) for each batch. The rows are on the device from the beginning, the network comes back at
 * the end; between, nothing is copied but one number a batch.
 */
final class Epoch {

    private static final float DECAY_FIRST = 0.9f;
    private static final float DECAY_SECOND = 0.999f;
    private static final float EPSILON = 1e-8f;

    /** Rows that are measured at once, whatever the batch is. */
    private static final int AT_ONCE = 4_096;

    private final Device device;
    private final int batch;
    private final float rate;
    private final long seed;

    Epoch(Natives natives, int batch, double rate, long seed) {
        this.device = natives.torchDevice();
        this.batch = batch;
        this.rate = (float) rate;
        this.seed = seed;
    }

    /** The rows of a table, inputs as they are given. */
    record Rows(List<double[]> x, int[] y) {}

    Network train(Network before, Rows rows) {
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device)) {
            int[] order = new Shuffle(seed, before.epoch() + 1).order(rows.y().length);
            NDArray x = manager.create(inputs(before, rows, order), new Shape(order.length, before.widths()[0]));
            NDArray y = manager.create(labels(rows, order), new Shape(order.length, 1));
            List<NDArray> weights = arrays(manager, before, before.weights());
            List<NDArray> first = arrays(manager, before, before.first());
            List<NDArray> second = arrays(manager, before, before.second());
            // PyTorch keeps for each thread whether gradients are kept, and keeps them where nobody has said otherwise;
            // an update in place is refused then. DJL says so once, on the thread that loads the engine.
            JniUtils.setGradMode(false);
            weights.forEach(array -> array.setRequiresGradient(true));
            Loss entropy = Loss.softmaxCrossEntropyLoss();
            long steps = before.steps();
            double loss = 0;
            long right = 0;
            for (int from = 0; from < order.length; from += batch) {
                int to = Math.min(from + batch, order.length);
                try (NDManager step = manager.newSubManager()) {
                    NDArray inputs = x.get(step, new NDIndex("{}:{}", from, to));
                    NDArray labels = y.get(step, new NDIndex("{}:{}", from, to));
                    try (GradientCollector gradients =
                            Engine.getEngine("PyTorch").newGradientCollector()) {
                        NDArray margins = forward(inputs, weights);
                        NDArray value = entropy.evaluate(new NDList(labels), new NDList(margins));
                        gradients.backward(value);
                        NDArray told = margins.argMax(1).eq(labels.flatten()).sum();
                        loss += value.getFloat() * (to - from);
                        right += told.toType(DataType.INT64, false).getLong();
                        value.close();
                        margins.close();
                        told.close();
                    }
                    adam(weights, first, second, ++steps);
                }
            }
            return new Network(
                    before.epoch() + 1,
                    before.classes(),
                    before.mean(),
                    before.scale(),
                    before.widths(),
                    floats(weights),
                    floats(first),
                    floats(second),
                    steps,
                    loss / order.length,
                    (double) right / order.length);
        }
    }

    /** How well a network fits the rows, with the loss and the accuracy of what it is now. */
    Network measure(Network network, Rows rows) {
        int n = rows.y().length;
        int[] order = IntStream.range(0, n).toArray();
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device)) {
            NDArray x = manager.create(inputs(network, rows, order), new Shape(n, network.widths()[0]));
            NDArray y = manager.create(labels(rows, order), new Shape(n, 1));
            List<NDArray> weights = arrays(manager, network, network.weights());
            JniUtils.setGradMode(false);
            double loss = 0;
            long right = 0;
            for (int from = 0; from < n; from += AT_ONCE) {
                int to = Math.min(from + AT_ONCE, n);
                try (NDManager step = manager.newSubManager()) {
                    NDArray margins = forward(x.get(step, new NDIndex("{}:{}", from, to)), weights);
                    NDArray labels = y.get(step, new NDIndex("{}:{}", from, to));
                    loss += (double) Loss.softmaxCrossEntropyLoss()
                                    .evaluate(new NDList(labels), new NDList(margins))
                                    .getFloat()
                            * (to - from);
                    NDArray told = margins.argMax(1).eq(labels.flatten()).sum();
                    right += told.toType(DataType.INT64, false).getLong();
                }
            }
            return network.with(loss / n, (double) right / n);
        }
    }

    private static NDArray forward(NDArray x, List<NDArray> weights) {
        NDArray values = x;
        for (int i = 0; i < weights.size(); i += 2) {
            values = values.matMul(weights.get(i).transpose()).add(weights.get(i + 1));
            if (i + 2 < weights.size()) {
                values = Activation.relu(values);
            }
        }
        return values;
    }

    private void adam(List<NDArray> weights, List<NDArray> first, List<NDArray> second, long step) {
        double correctFirst = 1 - Math.pow(DECAY_FIRST, step);
        double correctSecond = 1 - Math.pow(DECAY_SECOND, step);
        for (int i = 0; i < weights.size(); i++) {
            NDArray weight = weights.get(i);
            try (NDManager scope = weight.getManager().newSubManager()) {
                // What comes of an array belongs to its manager: nothing here may come of those that stay.
                NDArray gradient = weight.getGradient();
                gradient.attach(scope);
                NDArray m = first.get(i).muli(DECAY_FIRST).addi(gradient.mul(1 - DECAY_FIRST));
                NDArray v =
                        second.get(i).muli(DECAY_SECOND).addi(gradient.square().mul(1 - DECAY_SECOND));
                NDArray width =
                        copy(v, scope).divi((float) correctSecond).sqrt().addi(EPSILON);
                weight.subi(copy(m, scope).divi(width).muli((float) (rate / correctFirst)));
                gradient.subi(gradient);
            }
        }
    }

    private static NDArray copy(NDArray array, NDManager scope) {
        NDArray copy = array.duplicate();
        copy.attach(scope);
        return copy;
    }

    private static float[] inputs(Network network, Rows rows, int[] order) {
        int width = network.widths()[0];
        float[] inputs = new float[order.length * width];
        int at = 0;
        for (int i : order) {
            double[] row = rows.x().get(i);
            for (int j = 0; j < width; j++) {
                inputs[at++] = (float) ((row[j] - network.mean()[j]) / network.scale()[j]);
            }
        }
        return inputs;
    }

    private static long[] labels(Rows rows, int[] order) {
        long[] labels = new long[order.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = rows.y()[order[i]];
        }
        return labels;
    }

    /** Weights and biases in turn. */
    private static List<NDArray> arrays(NDManager manager, Network network, float[] values) {
        List<NDArray> arrays = new ArrayList<>();
        for (int layer = 0; layer < network.layers(); layer++) {
            int in = network.widths()[layer];
            int out = network.widths()[layer + 1];
            int at = network.offset(layer);
            arrays.add(manager.create(Arrays.copyOfRange(values, at, at + in * out), new Shape(out, in)));
            arrays.add(manager.create(Arrays.copyOfRange(values, at + in * out, at + (in + 1) * out), new Shape(out)));
        }
        return arrays;
    }

    private static float[] floats(List<NDArray> arrays) {
        int size = 0;
        List<float[]> parts = new ArrayList<>();
        for (NDArray array : arrays) {
            float[] part = array.toFloatArray();
            parts.add(part);
            size += part.length;
        }
        float[] all = new float[size];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
