package dev.tidemill.learn;

import java.util.function.IntFunction;

/** A symmetric positive definite matrix, factored. */
final class Cholesky {

    /** A pivot that has lost so much of its column is what rounding left of zero. */
    private static final double LEAST_PIVOT = 1e-14;

    private final double[][] l;

    private Cholesky(double[][] l) {
        this.l = l;
    }

    /** @param singular makes the exception for the first column that the columns before it make up */
    static Cholesky of(double[][] a, IntFunction<? extends RuntimeException> singular) {
        int n = a.length;
        double[][] l = new double[n][];
        for (int i = 0; i < n; i++) {
            l[i] = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                double sum = a[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= l[i][k] * l[j][k];
                }
                if (i > j) {
                    l[i][j] = sum / l[j][j];
                } else if (sum > LEAST_PIVOT * a[i][i]) {
                    l[i][i] = Math.sqrt(sum);
                } else {
                    throw singular.apply(i);
                }
            }
        }
        return new Cholesky(l);
    }

    double[] solve(double[] b) {
        int n = l.length;
        double[] x = b.clone();
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= l[i][k] * x[k];
            }
            x[i] /= l[i][i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                x[i] -= l[k][i] * x[k];
            }
            x[i] /= l[i][i];
        }
        return x;
    }
}
