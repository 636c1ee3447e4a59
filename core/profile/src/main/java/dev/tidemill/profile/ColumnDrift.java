package dev.tidemill.profile;

import org.jspecify.annotations.Nullable;

/**
 * How far a column of live data has moved from the same column of a reference, such as what a model was trained on.
 *
 * @param type that holds the values of both
 * @param reference rows of the reference
 * @param live rows of the live data
 * @param psi population stability index: the sum of (p − q) ln(p / q) over the parts p and q of either's rows in the bins of {@link
 *     Profile#driftTo}; at least 0
 * @param significant whether the index is larger than it is in 999 of 1,000 cases when nothing has moved and the samples are just of that
 *     size (Yurdakul, Statistical Properties of Population Stability Index, 2018)
 * @param ks the two-sample Kolmogorov–Smirnov statistic: the largest difference between the distribution functions, within twice the rank
 *     error of {@link ColumnProfile#p25}; null for a column that has no order but that of texts
 */
public record ColumnDrift(
        String name,
        ColumnType type,
        long reference,
        long live,
        double psi,
        boolean significant,
        @Nullable Double ks) {

    /**
     * Whether the column has drifted: its index is over the threshold, and no accident of small samples.
     *
     * @param threshold 0.1 for a moderate and 0.2 for a large move are usual
     */
    public boolean isBeyond(double threshold) {
        return psi > threshold && significant;
    }
}
