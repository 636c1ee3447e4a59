package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.ColumnDrift;
import dev.tidemill.profile.ColumnProfile.Frequent;
import dev.tidemill.profile.internal.column.Quantiles.Ranks;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares two summaries of a column. Both are left in an unspecified state. */
final class Drift {

    private static final int BINS = 10;

    /** So many values of text have a bin of their own, the others one together. */
    private static final int VALUES = 20;

    /** A bin that one side does not have at all would make the index infinite. */
    private static final double LEAST = 1e-4;

    /** Of the standard normal distribution, one-sided: one case in a thousand. */
    private static final double RARE = 3.0902;

    private Drift() {}

    static ColumnDrift between(String name, ColumnSummary reference, long rows, ColumnSummary live, long liveRows) {
        reference.widenTo(live.type);
        live.widenTo(reference.type);
        Bins bins = new Bins(rows, liveRows);
        bins.add(rows - reference.count, liveRows - live.count);
        bins.add(reference.nan, live.nan);
        Double ks = switch (reference.type) {
            case NULL -> null;
            case BOOLEAN -> {
                bins.add(reference.trues, live.trues);
                bins.add(reference.count - reference.trues, live.count - live.trues);
                yield null;
            }
            case STRING -> {
                texts(reference, live, bins);
                yield null;
            }
            case INT64, DOUBLE, DATE, TIMESTAMP -> ordered(ranks(reference), ranks(live), bins);
        };
        return new ColumnDrift(
                name, reference.type, rows, liveRows, bins.psi, bins.psi > 0 && bins.smoothed > bins.noise(), ks);
    }

    private static void texts(ColumnSummary reference, ColumnSummary live, Bins bins) {
        List<Frequent> frequent = reference.frequencies.top(VALUES);
        Map<String, Long> there = live.frequencies.top(Integer.MAX_VALUE).stream()
                .collect(Collectors.toMap(Frequent::value, Frequent::count, Long::sum));
        long others = reference.count;
        long otherLive = live.count;
        for (Frequent value : frequent) {
            long count = Math.min(there.getOrDefault(value.value(), 0L), otherLive);
            bins.add(value.count(), count);
            others -= value.count();
            otherLive -= count;
        }
        bins.add(Math.max(0, others), otherLive);
    }

    private static Ranks ranks(ColumnSummary column) {
        return column.numbers().quantiles.ranks();
    }

    /** Bins between the reference's deciles; returns the Kolmogorov–Smirnov statistic, or null when either side has no values. */
    private static @Nullable Double ordered(Ranks reference, Ranks live, Bins bins) {
        if (reference.keys().length == 0) {
            bins.add(0, live.total());
            return null;
        }
        long[] edges = new long[BINS - 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = reference.quantile((i + 1.0) / BINS);
        }
        long below = 0;
        long liveBelow = 0;
        for (long edge : Arrays.stream(edges).distinct().toArray()) {
            long upTo = reference.atMost(edge);
            long liveUpTo = live.atMost(edge);
            bins.add(upTo - below, liveUpTo - liveBelow);
            below = upTo;
            liveBelow = liveUpTo;
        }
        bins.add(reference.total() - below, live.total() - liveBelow);
        return live.keys().length == 0 ? null : largestDifference(reference, live);
    }

    private static double largestDifference(Ranks a, Ranks b) {
        double largest = 0;
        for (Ranks either : List.of(a, b)) {
            for (long key : either.keys()) {
                double difference = (double) a.atMost(key) / a.total() - (double) b.atMost(key) / b.total();
                largest = Math.max(largest, Math.abs(difference));
            }
        }
        return largest;
    }

    /** Adds up the index, bin by bin. */
    private static final class Bins {
        private final long rows;
        private final long liveRows;
        private double psi;
        /** With half a row more in each bin: an empty one says little about a small sample. */
        private double smoothed;

        private int filled;

        Bins(long rows, long liveRows) {
            this.rows = rows;
            this.liveRows = liveRows;
        }

        void add(long reference, long live) {
            if (reference == 0 && live == 0) {
                return;
            }
            double p = Math.max(LEAST, (double) reference / Math.max(1, rows));
            double q = Math.max(LEAST, (double) live / Math.max(1, liveRows));
            psi += (p - q) * Math.log(p / q);
            p = (reference + 0.5) / (rows + 0.5 * BINS);
            q = (live + 0.5) / (liveRows + 0.5 * BINS);
            smoothed += (p - q) * Math.log(p / q);
            filled++;
        }

        /** Of the chi-squared distribution with one degree of freedom less than there are bins (Wilson and Hilferty, 1931). */
        double noise() {
            if (filled < 2 || rows == 0 || liveRows == 0) {
                return 0;
            }
            double freedom = filled - 1;
            double spread = 2 / (9 * freedom);
            double quantile = freedom * Math.pow(1 - spread + RARE * Math.sqrt(spread), 3);
            return quantile * (1.0 / rows + 1.0 / liveRows);
        }
    }
}
