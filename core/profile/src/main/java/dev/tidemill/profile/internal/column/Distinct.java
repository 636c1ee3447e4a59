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

    /** Open addressing, at most half full; 0 is free. */
    private long @Nullable [] set = new long[64];

    private int size;
    private byte[] registers = new byte[0];
    private int precision = PRECISION;

    void add(long[] hashes, int from, int to) {
        int at = from;
        while (set != null && at < to) {
            insert(hashes[at++]);
        }
        byte[] ranks = registers;
        int bits = precision;
        for (; at < to; at++) {
            long hash = hashes[at];
            int register = (int) (hash >>> (64 - bits));
            byte rank = rank(hash, bits);
            if (ranks[register] < rank) {
                ranks[register] = rank;
            }
        }
    }

    private static byte rank(long hash, int precision) {
        return (byte) (Long.numberOfLeadingZeros(hash << precision | 1L << (precision - 1)) + 1);
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
        registers = new byte[1 << precision];
        set = null;
        addAll(slots);
    }

    private void addAll(long[] slots) {
        long[] hashes = Arrays.stream(slots).filter(hash -> hash != 0).toArray();
        add(hashes, 0, hashes.length);
    }

    void merge(Distinct other) {
        coarsen(other.precision, Integer.MAX_VALUE);
        if (other.set != null) {
            addAll(other.set);
            return;
        }
        if (set != null) {
            toRegisters(set);
        }
        byte[] theirs = other.folded(precision);
        for (int i = 0; i < registers.length; i++) {
            registers[i] = (byte) Math.max(registers[i], theirs[i]);
        }
    }

    /** Makes do with fewer registers, and with {@code exact} hashes before it needs them at all. */
    void coarsen(int bits, int exact) {
        if (bits < precision) {
            registers = set == null ? folded(bits) : registers;
            precision = bits;
        }
        if (set != null && size > exact) {
            toRegisters(set);
        }
    }

    /** The registers that the same hashes would have set, had there been only 2^{@code bits} of them. */
    private byte[] folded(int bits) {
        if (bits >= precision) {
            return registers;
        }
        int less = precision - bits;
        byte[] folded = new byte[1 << bits];
        for (int i = 0; i < registers.length; i++) {
            if (registers[i] > 0) {
                int low = i & ((1 << less) - 1);
                int rank = low == 0 ? less + registers[i] : Integer.numberOfLeadingZeros(low) - (32 - less) + 1;
                folded[i >>> less] = (byte) Math.max(folded[i >>> less], rank);
            }
        }
        return folded;
    }

    Distinct copy() {
        Distinct copy = new Distinct();
        copy.set = set == null ? null : set.clone();
        copy.size = size;
        copy.registers = registers.clone();
        copy.precision = precision;
        return copy;
    }

    long estimate() {
        if (set != null) {
            return size;
        }
        int ranks = 64 - precision + 1;
        int[] histogram = new int[ranks + 1];
        for (byte rank : registers) {
            histogram[rank]++;
        }
        double m = registers.length;
        double z = m * tau(1 - histogram[ranks] / m);
        for (int rank = ranks - 1; rank >= 1; rank--) {
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
        out.writeByte(precision);
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
        distinct.precision = in.readUnsignedByte();
        if (in.readBoolean()) {
            for (int i = in.readInt(); i > 0; i--) {
                distinct.insert(in.readLong());
            }
        } else {
            distinct.set = null;
            distinct.registers = new byte[1 << distinct.precision];
            in.readFully(distinct.registers);
        }
        return distinct;
    }
}
