package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.ColumnProfile.Frequent;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The most frequent values, found by their hashes: exact while there are at most {@value #CAPACITY} different ones, then after Misra
 * and Gries (1982): when the table is full, the median count is taken from all and what has nothing left goes. A count is then too
 * small by at most {@code error}, which is added back half; values that are not clearly more frequent than that are not reported.
 */
final class Frequencies {
    private static final int CAPACITY = 512;
    private static final int SLOTS = 4 * CAPACITY;
    /** Longer values are kept cut, since they serve to be read. */
    private static final int LONGEST = 256;
    /** When more than half of a batch is new, only every 32nd value is looked up: the frequent ones still come often enough. */
    private static final int SAMPLE = 32;

    private long[] hashes = new long[16];
    private long[] counts = new long[16];
    private byte[][] texts = new byte[16][];
    private int size;
    private long error;
    private boolean sampling;
    private int phase;

    /**
     * Adds the values whose hashes are {@code hashes[from..to)}.
     *
     * @param text the text of the value at an index, asked for only when the value is new
     */
    void add(long[] hashes, int from, int to, IntFunction<byte[]> text) {
        int step = sampling ? SAMPLE : 1;
        int missed = 0;
        int looked = 0;
        for (int i = sampling ? from + (phase = (phase * 5 + 3) % SAMPLE) : from; i < to; i += step) {
            int slot = find(hashes[i]);
            if (slot >= 0) {
                counts[slot] += step;
            } else {
                missed++;
                insert(hashes[i], step, text.apply(i));
            }
            looked++;
        }
        if (looked > 0) {
            sampling = error > 0 && 2 * missed > looked;
        }
    }

    /** The text as it is kept. */
    static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return text(bytes, 0, bytes.length);
    }

    void merge(Frequencies other) {
        for (int i = 0; i < other.hashes.length; i++) {
            if (other.texts[i] != null) {
                int slot = find(other.hashes[i]);
                if (slot >= 0) {
                    counts[slot] += other.counts[i];
                } else {
                    insert(other.hashes[i], other.counts[i], other.texts[i]);
                }
            }
        }
        error += other.error;
    }

    List<Frequent> top(int limit) {
        List<Frequent> top = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            if (texts[i] != null && counts[i] > 2 * error) {
                top.add(new Frequent(new String(texts[i], StandardCharsets.UTF_8), counts[i] + error / 2));
            }
        }
        top.sort(Comparator.comparingLong(Frequent::count).reversed().thenComparing(Frequent::value));
        return List.copyOf(top.subList(0, Math.min(limit, top.size())));
    }

    /** The text as it is kept. */
    static byte[] text(byte[] buffer, int start, int length) {
        if (length <= LONGEST) {
            return Arrays.copyOfRange(buffer, start, start + length);
        }
        int end = start + LONGEST;
        while ((buffer[end] & 0xC0) == 0x80) {
            end--;
        }
        byte[] cut = Arrays.copyOfRange(buffer, start, end + 3);
        byte[] ellipsis = "…".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(ellipsis, 0, cut, end - start, 3);
        return cut;
    }

    /** The slot of the hash, or the complement of the one that it would get. */
    private int find(long hash) {
        int mask = hashes.length - 1;
        int at = (int) (hash >>> 8) & mask;
        while (texts[at] != null) {
            if (hashes[at] == hash) {
                return at;
            }
            at = (at + 1) & mask;
        }
        return ~at;
    }

    private void insert(long hash, long count, byte[] text) {
        if (size == CAPACITY) {
            purge();
        } else if (4 * size >= hashes.length && hashes.length < SLOTS) {
            rebuild(4 * hashes.length, 0);
        }
        int slot = ~find(hash);
        hashes[slot] = hash;
        counts[slot] = count;
        texts[slot] = text;
        size++;
    }

    /** Keeps at most {@code most} values, the most frequent ones. */
    void coarsen(int most) {
        if (size > most) {
            long[] sorted = sortedCounts();
            long less = sorted[size - most - 1];
            error += less;
            rebuild(hashes.length, less);
        }
    }

    private void purge() {
        long median = sortedCounts()[size / 2];
        error += median;
        rebuild(hashes.length, median);
    }

    private long[] sortedCounts() {
        long[] sorted = new long[size];
        int n = 0;
        for (int i = 0; i < texts.length; i++) {
            if (texts[i] != null) {
                sorted[n++] = counts[i];
            }
        }
        Arrays.sort(sorted);
        return sorted;
    }

    private void rebuild(int slots, long less) {
        long[] oldHashes = hashes;
        long[] oldCounts = counts;
        byte[][] oldTexts = texts;
        hashes = new long[slots];
        counts = new long[slots];
        texts = new byte[slots][];
        size = 0;
        for (int i = 0; i < oldTexts.length; i++) {
            if (oldTexts[i] != null && oldCounts[i] > less) {
                int slot = ~find(oldHashes[i]);
                hashes[slot] = oldHashes[i];
                counts[slot] = oldCounts[i] - less;
                texts[slot] = oldTexts[i];
                size++;
            }
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(error);
        out.writeInt(size);
        for (int i = 0; i < texts.length; i++) {
            if (texts[i] != null) {
                out.writeLong(hashes[i]);
                out.writeLong(counts[i]);
                out.writeShort(texts[i].length);
                out.write(texts[i]);
            }
        }
    }

    static Frequencies read(DataInput in) throws IOException {
        Frequencies frequencies = new Frequencies();
        long error = in.readLong();
        for (int i = in.readInt(); i > 0; i--) {
            long hash = in.readLong();
            long count = in.readLong();
            byte[] text = new byte[in.readUnsignedShort()];
            in.readFully(text);
            frequencies.insert(hash, count, text);
        }
        frequencies.error = error;
        return frequencies;
    }
}
