package dev.tidemill.profile.internal.column;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many different hashes were seen: exact up to {@value #EXACT}, beyond that a HyperLogLog of 2^{@value #PRECISION} registers with
 * Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6). Standard error 0.6 %, so that
 * 3 % are five of them.
 */
final class Distinct {
    static final int EXACT = 1024;
    private static final int PRECISION = 15;
    private static final int REGISTERS = 1 << PRECISION;
    private static final int RANKS = 64 - PRECISION + 1;

    /** Open addressing, at most half full; 0 is free. */
    private long @Nullable [] set = new long[64];

    private int size;
    private byte[] registers = new byte[0];

    void add(long[] hashes, int from, int to) {
        int at = from;
        while (set != null && at < to) {
            insert(hashes[at++]);
        }
        byte[] ranks = registers;
        for (; at < to; at++) {
            long hash = hashes[at];
            int register = (int) (hash >>> (64 - PRECISION));
            byte rank = rank(hash);
            if (ranks[register] < rank) {
                ranks[register] = rank;
            }
        }
    }

    void add(long hash) {
        add(new long[] {hash}, 0, 1);
    }

    private static byte rank(long hash) {
        return (byte) (Long.numberOfLeadingZeros(hash << PRECISION | 1L << (PRECISION - 1)) + 1);
    }

    private void insert(long hash) {
        long[] slots = set;
        if (slots == null) {
            return;
        }
        // No free slot looks like a hash: 0 becomes 1, one collision in 2^64.
        long key = hash == 0 ? 1 : hash;
        int mask = slots.length - 1;
        int at = (int) key & mask;
        while (slots[at] != 0) {
            if (slots[at] == key) {
                return;
            }
            at = (at + 1) & mask;
        }
        slots[at] = key;
        size++;
        if (size > EXACT) {
            toRegisters(slots);
        } else if (2 * size > slots.length) {
            set = new long[4 * slots.length];
            size = 0;
            for (long old : slots) {
                if (old != 0) {
                    insert(old);
                }
            }
        }
    }

    private void toRegisters(long[] slots) {
        registers = new byte[REGISTERS];
        set = null;
        for (long hash : slots) {
            if (hash != 0) {
                int register = (int) (hash >>> (64 - PRECISION));
                registers[register] = (byte) Math.max(registers[register], rank(hash));
            }
        }
    }

    void merge(Distinct other) {
        if (other.set != null) {
            long[] hashes = Arrays.stream(other.set).filter(hash -> hash != 0).toArray();
            add(hashes, 0, hashes.length);
            return;
        }
        if (set != null) {
            toRegisters(set);
        }
        for (int i = 0; i < REGISTERS; i++) {
            registers[i] = (byte) Math.max(registers[i], other.registers[i]);
        }
    }

    Distinct copy() {
        Distinct copy = new Distinct();
        copy.set = set == null ? null : set.clone();
        copy.size = size;
        copy.registers = registers.clone();
        return copy;
    }

    long estimate() {
        if (set != null) {
            return size;
        }
        int[] histogram = new int[RANKS + 1];
        for (byte rank : registers) {
            histogram[rank]++;
        }
        double m = REGISTERS;
        double z = m * tau(1 - histogram[RANKS] / m);
        for (int rank = RANKS - 1; rank >= 1; rank--) {
            z = 0.5 * (z + histogram[rank]);
        }
        z += m * sigma(histogram[0] / m);
        return Math.round(m * m / (2 * Math.log(2)) / z);
    }

    private static double sigma(double x) {
        if (x == 1) {
            return Double.POSITIVE_INFINITY;
        }
        double y = 1;
        double z = x;
        double previous;
        do {
            x *= x;
            previous = z;
            z += x * y;
            y += y;
        } while (z != previous);
        return z;
    }

    private static double tau(double x) {
        if (x == 0 || x == 1) {
            return 0;
        }
        double y = 1;
        double z = 1 - x;
        double previous;
        do {
            x = Math.sqrt(x);
            previous = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        } while (z != previous);
        return z / 3;
    }

    void write(DataOutput out) throws IOException {
        out.writeBoolean(set != null);
        if (set == null) {
            out.write(registers);
            return;
        }
        out.writeInt(size);
        for (long hash : set) {
            if (hash != 0) {
                out.writeLong(hash);
            }
        }
    }

    static Distinct read(DataInput in) throws IOException {
        Distinct distinct = new Distinct();
        if (in.readBoolean()) {
            for (int i = in.readInt(); i > 0; i--) {
                distinct.insert(in.readLong());
            }
        } else {
            distinct.set = null;
            distinct.registers = new byte[REGISTERS];
            in.readFully(distinct.registers);
        }
        return distinct;
    }
}
