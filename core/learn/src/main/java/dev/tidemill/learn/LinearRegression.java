package dev.tidemill.learn;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.TensorColumns;
import dev.tidemill.api.TrainData;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Least squares with an intercept, by normal equations in one round: sums of the columns and of their products, centred and scaled
 * after the merge. Squaring the condition is what normal equations are blamed for; here the sums have some 100 bits, the solution is
 * refined with residuals of 34 digits (Björck, Numerical Methods for Least Squares Problems, 1996, §2.9), and it is as good as one by QR
 * on the rows.
 */
final class LinearRegression implements Learner {

    private static final MathContext DIGITS = MathContext.DECIMAL128;

    private final TrainData settings;
    private final int inputs;
    private final double l2;

    LinearRegression(TrainData settings) {
        this.settings = settings;
        this.inputs = Onnx.width(settings);
        Parameters parameters = Parameters.of(settings);
        this.l2 = parameters.number("l2", 0, value -> value >= 0 && Double.isFinite(value), "0 or more");
        parameters.noMore("l2");
        Onnx.onlyFloats(settings, "one output of numbers, the prediction");
    }

    @Override
    public Round round(@Nullable JsonNode state) {
        return new Pass();
    }

    /** The columns, the target and 1, and all their products: the upper triangle, row by row. */
    private final class Pass implements Round {
        private final int width = inputs + 2;
        private final double[] row = new double[width];

        @Override
        public Sums empty() {
            return new Sums(width * (width + 1) / 2, 0, 0);
        }

        @Override
        public void add(Sums sums, double[] x, String target) {
            System.arraycopy(x, 0, row, 0, inputs);
            row[inputs] = Examples.number(target, settings);
            row[inputs + 1] = 1;
            int at = 0;
            for (int i = 0; i < width; i++) {
                for (int j = i; j < width; j++) {
                    sums.addProduct(at++, row[i], row[j]);
                }
            }
            sums.countRow();
        }

        @Override
        public Outcome finish(Sums all) {
            return solve(all);
        }

        private int at(int i, int j) {
            return i * width - i * (i - 1) / 2 + j - i;
        }

        private Trained solve(Sums all) {
            BigDecimal n = BigDecimal.valueOf(all.rows());
            if (all.rows() < (l2 > 0 ? 1 : inputs + 1)) {
                throw new LearnException(
                        "TooFewRows",
                        "%d coefficients and an intercept want %d rows or more, and there are %d: take fewer columns, or set the parameter l2"
                                .formatted(inputs, inputs + 1, all.rows()));
            }
            BigDecimal[][] centred = new BigDecimal[inputs + 1][inputs + 1];
            for (int i = 0; i <= inputs; i++) {
                BigDecimal mean = all.exact(at(i, inputs + 1)).divide(n, DIGITS);
                for (int j = i; j <= inputs; j++) {
                    centred[i][j] = all.exact(at(i, j)).subtract(mean.multiply(all.exact(at(j, inputs + 1))), DIGITS);
                    centred[j][i] = centred[i][j];
                }
            }
            double[] scale = new double[inputs];
            for (int j = 0; j < inputs; j++) {
                double deviation = Math.sqrt(centred[j][j].doubleValue());
                // A column that is the same in all rows says nothing; its coefficient stays 0.
                scale[j] = deviation > 0 ? deviation : 1;
                if (l2 > 0) {
                    centred[j][j] = centred[j][j].add(new BigDecimal(l2));
                } else if (deviation == 0) {
                    centred[j][j] = BigDecimal.ONE;
                }
            }
            double[] w = refined(centred, scale);
            return trained(all, centred, w);
        }

        /** Cholesky in doubles on the scaled matrix, then residuals in decimals until they stop shrinking. */
        private double[] refined(BigDecimal[][] a, double[] scale) {
            double[][] scaled = new double[inputs][inputs];
            for (int i = 0; i < inputs; i++) {
                for (int j = 0; j < inputs; j++) {
                    scaled[i][j] = a[i][j].doubleValue() / scale[i] / scale[j];
                }
            }
            Cholesky factor = Cholesky.of(
                    scaled,
                    place -> new LearnException(
                            "ColumnsDepend",
                            "input %d of %d%s is, as far as doubles can tell, made up of those before it: leave its column out, or set the parameter l2%s"
                                    .formatted(
                                            place + 1,
                                            inputs,
                                            TensorColumns.named(
                                                            settings.inputs().getFirst(), place)
                                                    .map(", column %s,"::formatted)
                                                    .orElse(""),
                                            l2 > 0 ? " higher" : "")));
            BigDecimal[] w = new BigDecimal[inputs];
            Arrays.fill(w, BigDecimal.ZERO);
            double last = Double.POSITIVE_INFINITY;
            for (int round = 0; round < 20; round++) {
                double[] residual = new double[inputs];
                for (int i = 0; i < inputs; i++) {
                    BigDecimal r = a[i][inputs];
                    for (int j = 0; j < inputs; j++) {
                        r = r.subtract(a[i][j].multiply(w[j]), DIGITS);
                    }
                    residual[i] = r.doubleValue() / scale[i];
                }
                double[] step = factor.solve(residual);
                double size = 0;
                for (int i = 0; i < inputs; i++) {
                    size = Math.max(size, Math.abs(step[i]));
                    w[i] = w[i].add(new BigDecimal(step[i] / scale[i]), DIGITS);
                }
                if (size == 0 || size > last / 2) {
                    break;
                }
                last = size;
            }
            double[] rounded = new double[inputs];
            for (int i = 0; i < inputs; i++) {
                rounded[i] = w[i].doubleValue();
            }
            return rounded;
        }

        private Trained trained(Sums all, BigDecimal[][] centred, double[] w) {
            BigDecimal n = BigDecimal.valueOf(all.rows());
            BigDecimal intercept = all.exact(at(inputs, inputs + 1)).divide(n, DIGITS);
            BigDecimal explained = BigDecimal.ZERO;
            for (int j = 0; j < inputs; j++) {
                BigDecimal wj = new BigDecimal(w[j]);
                intercept = intercept.subtract(
                        wj.multiply(all.exact(at(j, inputs + 1)).divide(n, DIGITS)), DIGITS);
                explained = explained.add(wj.multiply(centred[j][inputs]), DIGITS);
            }
            double total = centred[inputs][inputs].doubleValue();
            double left = Math.max(
                    0, centred[inputs][inputs].subtract(explained, DIGITS).doubleValue());
            Map<String, Double> metrics = Map.of("mse", left / all.rows(), "r2", total > 0 ? 1 - left / total : 1);
            double b = intercept.doubleValue();
            return new Trained(
                    Onnx.linear(settings, w, b),
                    Map.of("coefficients", w, "intercept", new double[] {b}),
                    metrics,
                    true);
        }
    }
}
