package dev.tidemill.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.TrainData;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * k-means by Lloyd's rounds until no centre moves, from centres that are given, or drawn as k-means++ draws them (Arthur, Vassilvitskii,
 * 2007): one round for each centre, a row with a chance in proportion to its squared distance from those that are drawn. What is drawn
 * follows from the seed and the rows' values alone, by the least of exponential keys (Efraimidis, Spirakis, 2006), so that neither
 * shards nor order count; rows that are equal count once. A centre that loses all of its rows goes to the row that is farthest from its
 * own, as scikit-learn's does; the round that finds it is taken again to find that row.
 */
final class KMeans implements Learner {

    /** How many of the rows that are farthest from their centres a round has to tell. */
    private static final String FAR = "far";

    private final TrainData settings;
    private final int inputs;
    private final int clusters;
    private final int maxRounds;
    private final long seed;
    private final double @Nullable [][] starts;

    KMeans(TrainData settings) {
        this.settings = settings;
        this.inputs = Onnx.width(settings);
        Parameters parameters = Parameters.of(settings);
        this.starts = starts(parameters.text("starts"));
        this.clusters = parameters.whole("clusters", starts == null ? 8 : starts.length, 1, 10_000);
        this.seed = (long) parameters.number("seed", 0, value -> value == Math.rint(value), "a whole number");
        this.maxRounds = parameters.whole("maxRounds", 300, 1, 100_000);
        parameters.noMore("clusters, seed, starts and maxRounds");
        if (starts != null && starts.length != clusters) {
            throw new LearnException(
                    "BadParameter", "starts has %d centres and clusters is %d".formatted(starts.length, clusters));
        }
        Onnx.check(settings, "the cluster (INT64) and the distances to all centres", clusters);
    }

    private double @Nullable [][] starts(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            double[][] centres = Arrays.stream(text.split(";", -1))
                    .map(centre -> Arrays.stream(centre.split(",", -1))
                            .mapToDouble(Double::parseDouble)
                            .toArray())
                    .toArray(double[][]::new);
            if (Arrays.stream(centres).allMatch(centre -> centre.length == inputs)) {
                return centres;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new LearnException(
                "BadParameter",
                "starts is a list of centres of %d numbers, such as \"1.5,2;3,4\" of two".formatted(inputs));
    }

    @Override
    public Round round(@Nullable JsonNode state) {
        double[][] centres = new double[0][];
        if (state != null) {
            double[] flat = Doubles.fromJson(state.path("centres"));
            centres = new double[flat.length / inputs][];
            for (int c = 0; c < centres.length; c++) {
                centres[c] = Arrays.copyOfRange(flat, c * inputs, (c + 1) * inputs);
            }
        } else if (starts != null) {
            centres = starts;
        }
        int round = state == null ? 1 : state.path("round").asInt() + 1;
        return centres.length < clusters
                ? new Draw(centres, round)
                : new Lloyd(centres, round, state == null ? 0 : state.path(FAR).asInt());
    }

    private static int nearest(double[][] centres, double[] x) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int c = 0; c < centres.length; c++) {
            double distance = squared(centres[c], x);
            if (distance < least) {
                least = distance;
                best = c;
            }
        }
        return best;
    }

    private static double squared(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            double d = a[j] - b[j];
            sum += d * d;
        }
        return sum;
    }

    private static Next next(int round, double[][] centres, int far) {
        ObjectNode state = JsonNodeFactory.instance.objectNode().put("round", round);
        if (far > 0) {
            state.put(FAR, far);
        }
        state.set("centres", Doubles.toJson(flat(centres)));
        return new Next(state);
    }

    private static double[] flat(double[][] centres) {
        return Arrays.stream(centres).flatMapToDouble(Arrays::stream).toArray();
    }

    /** Draws one more centre. */
    private final class Draw implements Round {
        private final double[][] centres;
        private final int round;

        Draw(double[][] centres, int round) {
            this.centres = centres;
            this.round = round;
        }

        @Override
        public Sums empty() {
            return new Sums(0, 0, 1);
        }

        @Override
        public void add(Sums sums, double[] x, String target) {
            sums.countRow();
            double weight = centres.length == 0 ? 1 : squared(centres[nearest(centres, x)], x);
            if (weight > 0) {
                sums.draw(-Math.log(chance(x)) / weight, x);
            }
        }

        /** In (0, 1], from SplitMix64's finaliser over the bits of seed, round and row. */
        private double chance(double[] x) {
            long hash = mix(seed * 0x9e3779b97f4a7c15L + centres.length);
            for (double value : x) {
                hash = mix(hash ^ Double.doubleToLongBits(value + 0.0)) + 0x9e3779b97f4a7c15L;
            }
            return ((mix(hash) >>> 11) + 1) * 0x1.0p-53;
        }

        private static long mix(long z) {
            z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            return z ^ (z >>> 31);
        }

        @Override
        public Outcome finish(Sums all) {
            if (all.drawn().isEmpty()) {
                throw new LearnException(
                        "TooFewRows",
                        "there are only %d different rows for %d clusters".formatted(centres.length, clusters));
            }
            double[][] more = Arrays.copyOf(centres, centres.length + 1);
            more[centres.length] = all.drawn().getFirst();
            return next(round, more, 0);
        }
    }

    /** Gives each row to its nearest centre and moves the centres to their rows' means. */
    private final class Lloyd implements Round {
        private final double[][] centres;
        private final int round;
        private final int far;

        Lloyd(double[][] centres, int round, int far) {
            this.centres = centres;
            this.round = round;
            this.far = far;
        }

        /** For each centre its rows and their sum; behind them the inertia. */
        @Override
        public Sums empty() {
            return new Sums(clusters * (inputs + 1) + 1, 0, far);
        }

        @Override
        public void add(Sums sums, double[] x, String target) {
            int c = nearest(centres, x);
            int at = c * (inputs + 1);
            sums.add(at, 1);
            for (int j = 0; j < inputs; j++) {
                sums.add(at + 1 + j, x[j]);
            }
            double distance = squared(centres[c], x);
            sums.add(clusters * (inputs + 1), distance);
            sums.draw(-distance, x);
            sums.countRow();
        }

        @Override
        public Outcome finish(Sums all) {
            if (all.rows() == 0) {
                throw new LearnException("TooFewRows", "there are no rows for %d clusters".formatted(clusters));
            }
            double inertia = all.value(clusters * (inputs + 1));
            int[] lost = IntStream.range(0, clusters)
                    .filter(c -> all.value(c * (inputs + 1)) == 0)
                    .toArray();
            if (inertia > 0 && far < lost.length && round < maxRounds) {
                return next(round, centres, lost.length);
            }
            double[][] moved = moved(all, inertia > 0 ? lost : new int[0]);
            boolean still = Arrays.deepEquals(moved, centres);
            if (!still && round < maxRounds) {
                return next(round, moved, far);
            }
            return new Trained(
                    Onnx.centres(settings, centres),
                    Map.of("centres", flat(centres)),
                    Map.of("inertia", inertia, "clusters", (double) clusters),
                    still);
        }

        /** The means of each centre's rows, but for those that go to the centres that have none. */
        private double[][] moved(Sums all, int[] lost) {
            double[] rows = new double[clusters];
            double[][] sums = new double[clusters][inputs];
            for (int c = 0; c < clusters; c++) {
                int at = c * (inputs + 1);
                rows[c] = all.value(at);
                for (int j = 0; j < inputs; j++) {
                    sums[c][j] = all.value(at + 1 + j);
                }
            }
            for (int i = 0; i < Math.min(lost.length, all.drawn().size()); i++) {
                double[] row = all.drawn().get(i);
                int from = nearest(centres, row);
                rows[from]--;
                rows[lost[i]] = 1;
                sums[lost[i]] = row.clone();
                for (int j = 0; j < inputs; j++) {
                    sums[from][j] -= row[j];
                }
            }
            double[][] moved = new double[clusters][];
            for (int c = 0; c < clusters; c++) {
                double of = rows[c];
                moved[c] = of > 0 ? Arrays.stream(sums[c]).map(sum -> sum / of).toArray() : centres[c];
            }
            return moved;
        }
    }
}
