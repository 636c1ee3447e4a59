package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.internal.kernel.DoubleStats;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.kernel.LongStats;
import dev.tidemill.profile.internal.text.TextValue;

/** The arrays that one thread works with while it sums up a batch; their content means nothing between two columns. */
final class Scratch {
    final Kernels kernels;
    final DoubleStats doubleStats = new DoubleStats();
    final LongStats longStats = new LongStats();
    final TextValue value = new TextValue();
    int[] starts = new int[0];
    int[] lengths = new int[0];
    long[] longs = new long[0];
    double[] doubles = new double[0];
    long[] hashes = new long[0];
    long[] valueHashes = new long[0];

    Scratch(Kernels kernels) {
        this.kernels = kernels;
    }

    Scratch forRows(int rows) {
        if (starts.length < rows) {
            starts = new int[rows];
            lengths = new int[rows];
            longs = new long[rows];
            doubles = new double[rows];
            hashes = new long[rows];
            valueHashes = new long[rows];
        }
        return this;
    }
}
