package dev.tidemill.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.TrainData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Logistic regression, of two classes or (softmax) of more, by Newton's method: each round adds up loss, gradient and Hessian at the
 * last weights. What is made least is the sum of the rows' losses plus {@code l2 / 2} times the squared coefficients, intercepts left
 * out, which is scikit-learn's with {@code C = 1 / l2}. A step that makes the loss larger is halved. The first round looks at the
 * columns, which are centred and scaled inside, for the Hessian's sake; the penalty is on the coefficients as they are outside.
 */
final class LogisticRegression implements Learner {

    /** Of the loss: where the next step would change it by less, it is as good as taken. */
    private static final double CONVERGED = 1e-13;

    /**
     * So much of each pivot is added to it: where the penalty is all that tells a column from others, and so small beside them that it is
     * lost in doubles, the step is shorter than it could be, and the loss the same.
     */
    private static final double DAMPED = 1e-12;

    /** A Hessian of so many columns is 32 MB. */
    private static final int MOST_WEIGHTS = 2_000;

    private final TrainData settings;
    private final int inputs;
    private final double l2;
    private final int maxRounds;

    LogisticRegression(TrainData settings) {
        this.settings = settings;
        this.inputs = Onnx.width(settings);
        Parameters parameters = Parameters.of(settings);
        this.l2 = parameters.number("l2", 1, value -> value > 0 && Double.isFinite(value), "more than 0");
        this.maxRounds = parameters.whole("maxRounds", 100, 1, 10_000);
        parameters.noMore("l2 and maxRounds");
    }

    @Override
    public Round round(@Nullable JsonNode state) {
        return state == null ? new Look() : new Newton(state);
    }

    /** What the columns and the classes are. */
    private final class Look implements Round {
        @Override
        public Sums empty() {
            return new Sums(2 * inputs, 0, 0);
        }

        @Override
        public void add(Sums sums, double[] x, String target) {
            for (int j = 0; j < inputs; j++) {
                sums.add(j, x[j]);
                sums.addProduct(inputs + j, x[j], x[j]);
            }
            sums.addClass(target);
            sums.countRow();
        }

        @Override
        public Outcome finish(Sums all) {
            List<String> classes = Classes.ordered(all.classes(), settings);
            Onnx.check(settings, "the class (INT64 or BYTES) and the probabilities", classes.size());
            int sets = classes.size() == 2 ? 1 : classes.size();
            if (sets * (inputs + 1) > MOST_WEIGHTS) {
                throw new LearnException(
                        "TooManyColumns",
                        "%d classes and %d inputs make %d weights; at most %d are learned by Newton's method"
                                .formatted(classes.size(), inputs, sets * (inputs + 1), MOST_WEIGHTS));
            }
            double[] mean = new double[inputs];
            double[] scale = new double[inputs];
            for (int j = 0; j < inputs; j++) {
                mean[j] = all.value(j) / all.rows();
                double variance = all.value(inputs + j) / all.rows() - mean[j] * mean[j];
                scale[j] = variance > 1e-24 * mean[j] * mean[j] && variance > 0 ? Math.sqrt(variance) : 1;
            }
            ObjectNode state = JsonNodeFactory.instance.objectNode().put("round", 1);
            classes.forEach(state.putArray("classes")::add);
            state.set("mean", Doubles.toJson(mean));
            state.set("scale", Doubles.toJson(scale));
            state.set("weights", Doubles.toJson(new double[sets * (inputs + 1)]));
            return new Next(state);
        }
    }

    /** Loss, gradient and Hessian at the weights. */
    private final class Newton implements Round {
        private final JsonNode state;
        private final List<String> classes = new ArrayList<>();
        private final double[] mean;
        private final double[] scale;
        /** One set for two classes, one for each class of more; each {@code inputs + 1} long, the intercept last. */
        private final double[] weights;

        private final int sets;
        private final int width = inputs + 1;
        private final double[] z = new double[width];
        private final double[] p;

        Newton(JsonNode state) {
            this.state = state;
            state.path("classes").forEach(name -> classes.add(name.asText()));
            mean = Doubles.fromJson(state.path("mean"));
            scale = Doubles.fromJson(state.path("scale"));
            weights = Doubles.fromJson(state.path("weights"));
            sets = weights.length / width;
            p = new double[sets];
        }

        /** Loss, rows that are told right, gradient; beside them the Hessian's lower triangle, row by row. */
        @Override
        public Sums empty() {
            int n = weights.length;
            return new Sums(2 + n, n * (n + 1) / 2, 0);
        }

        @Override
        public void add(Sums sums, double[] x, String target) {
            int y = classes.indexOf(target);
            if (y < 0) {
                throw new LearnException("BadInput", "class \"%s\" was not there in the first round".formatted(target));
            }
            for (int j = 0; j < inputs; j++) {
                z[j] = (x[j] - mean[j]) / scale[j];
            }
            z[inputs] = 1;
            int told = sets == 1 ? two(sums, y) : more(sums, y);
            if (told == y) {
                sums.add(1, 1);
            }
            double[] hessian = sums.plain();
            int at = 0;
            for (int a = 0; a < weights.length; a++) {
                int k = a / width;
                double za = z[a % width];
                double right = y == k ? 1 : 0;
                double gradient = (sets == 1 ? p[0] - y : p[k] - right) * za;
                sums.add(2 + a, gradient);
                for (int l = 0; l <= k; l++) {
                    double h = (sets == 1 ? p[0] * (1 - p[0]) : k == l ? p[k] * (1 - p[k]) : -p[k] * p[l]) * za;
                    int end = l == k ? a - k * width : width - 1;
                    for (int j = 0; j <= end; j++) {
                        hessian[at++] += h * z[j];
                    }
                }
            }
            sums.countRow();
        }

        private double margin(int set) {
            double t = 0;
            for (int j = 0; j < width; j++) {
                t += weights[set * width + j] * z[j];
            }
            return t;
        }

        private int two(Sums sums, int y) {
            double t = margin(0);
            sums.add(0, Math.log1p(Math.exp(-Math.abs(t))) + Math.max(t, 0) - y * t);
            p[0] = t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t));
            return t > 0 ? 1 : 0;
        }

        private int more(Sums sums, int y) {
            int best = 0;
            for (int k = 0; k < sets; k++) {
                p[k] = margin(k);
                best = p[k] > p[best] ? k : best;
            }
            double largest = p[best];
            double own = p[y];
            double total = 0;
            for (int k = 0; k < sets; k++) {
                p[k] = Math.exp(p[k] - largest);
                total += p[k];
            }
            for (int k = 0; k < sets; k++) {
                p[k] /= total;
            }
            sums.add(0, Math.log(total) + largest - own);
            return best;
        }

        @Override
        public Outcome finish(Sums all) {
            double loss = all.value(0) + penalty();
            int round = state.path("round").asInt() + 1;
            boolean larger = state.has("loss") && loss > Doubles.fromJson(state.path("loss"))[0] * (1 + 1e-12);
            if (larger && round < maxRounds) {
                return halfway(round);
            }
            double[] gradient = gradient(all);
            double[] step = Cholesky.of(
                            hessian(all),
                            column -> new LearnException(
                                    "NotSolvable",
                                    "the Hessian has no inverse in doubles: set the parameter l2 higher"))
                    .solve(gradient);
            double gain = 0;
            double[] next = weights.clone();
            for (int a = 0; a < next.length; a++) {
                gain += gradient[a] * step[a] / 2;
                next[a] -= step[a];
            }
            boolean converged = gain <= CONVERGED * Math.max(1, loss);
            if (converged || round >= maxRounds) {
                Map<String, Double> metrics =
                        Map.of("loss", converged ? loss - gain : loss, "accuracy", all.value(1) / all.rows());
                return trained(converged ? next : weights, metrics, converged);
            }
            ObjectNode following = state.<ObjectNode>deepCopy().put("round", round);
            following.set("weights", Doubles.toJson(next));
            following.set("from", Doubles.toJson(weights));
            following.set("loss", Doubles.toJson(loss));
            return new Next(following);
        }

        private Next halfway(int round) {
            double[] from = Doubles.fromJson(state.path("from"));
            double[] half = new double[weights.length];
            for (int a = 0; a < half.length; a++) {
                half[a] = (from[a] + weights[a]) / 2;
            }
            ObjectNode following = state.<ObjectNode>deepCopy().put("round", round);
            following.set("weights", Doubles.toJson(half));
            return new Next(following);
        }

        /** Of a weight inside, whose coefficient outside is divided by the column's scale. */
        private double strength(int a) {
            int j = a % width;
            return j == inputs ? 0 : l2 / (scale[j] * scale[j]);
        }

        private double penalty() {
            double sum = 0;
            for (int a = 0; a < weights.length; a++) {
                sum += strength(a) * weights[a] * weights[a] / 2;
            }
            return sum;
        }

        private double[] gradient(Sums all) {
            double[] gradient = new double[weights.length];
            for (int a = 0; a < gradient.length; a++) {
                gradient[a] = all.value(2 + a) + strength(a) * weights[a];
            }
            return gradient;
        }

        private double[][] hessian(Sums all) {
            int n = weights.length;
            double[][] full = new double[n][n];
            double[] packed = all.plain();
            int at = 0;
            for (int a = 0; a < n; a++) {
                for (int b = 0; b <= a; b++) {
                    full[a][b] = packed[at++];
                    if (sets > 1 && a % width == b % width) {
                        // Weights that grow alike for all classes change no probability; their sum stays what it began
                        // with, 0.
                        full[a][b] += (double) all.rows() / sets;
                    }
                    full[b][a] = full[a][b];
                }
                full[a][a] = (full[a][a] + strength(a)) * (1 + DAMPED);
            }
            return full;
        }

        private Trained trained(double[] inside, Map<String, Double> metrics, boolean converged) {
            double[][] coefficients = new double[sets][inputs];
            double[] intercepts = new double[sets];
            for (int k = 0; k < sets; k++) {
                intercepts[k] = inside[k * width + inputs];
                for (int j = 0; j < inputs; j++) {
                    coefficients[k][j] = inside[k * width + j] / scale[j];
                    intercepts[k] -= coefficients[k][j] * mean[j];
                }
            }
            double[] flat =
                    Arrays.stream(coefficients).flatMapToDouble(Arrays::stream).toArray();
            return new Trained(
                    Onnx.classes(settings, coefficients, intercepts, classes),
                    Map.of("coefficients", flat, "intercept", intercepts),
                    metrics,
                    converged);
        }
    }
}
