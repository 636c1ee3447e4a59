package dev.tidemill.functions.model.train;

/** Chance that follows from seed and epoch: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
final class Shuffle {

    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private long state;

    /** @param epoch 0 for the first weights */
    Shuffle(long seed, int epoch) {
        this.state = seed * GOLDEN + epoch;
    }

    private long next() {
        state += GOLDEN;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** In [0, 1). */
    double unit() {
        return (next() >>> 11) * 0x1.0p-53;
    }

    /** The numbers below n in another order (Fisher, Yates). */
    int[] order(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = (int) (unit() * (i + 1));
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
