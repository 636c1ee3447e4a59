package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.internal.text.Hash;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The smallest and the largest text by their bytes, and the lengths in characters. Kept for every text column, also while it looks
 * like numbers: the next part may turn it into strings.
 */
final class TextBounds {
    private byte @Nullable [] min;
    private byte @Nullable [] max;
    private long minPrefix;
    private long maxPrefix;
    private long shortest = Long.MAX_VALUE;
    private long longest;
    private long characters;
    private long count;

    void add(byte[] buffer, int[] starts, int[] lengths, int n, boolean ascii) {
        if (n == 0) {
            return;
        }
        addLengths(buffer, starts, lengths, n, ascii);
        if (min == null || max == null) {
            min = max = Arrays.copyOfRange(buffer, starts[0], starts[0] + lengths[0]);
            minPrefix = maxPrefix = Hash.prefix(buffer, starts[0], lengths[0]);
        }
        // Unsigned order is signed order with the highest bit turned over.
        long low = minPrefix ^ Long.MIN_VALUE;
        long high = maxPrefix ^ Long.MIN_VALUE;
        for (int i = 0; i < n; i++) {
            long prefix = Hash.prefix(buffer, starts[i], lengths[i]) ^ Long.MIN_VALUE;
            if (prefix <= low && isBelow(buffer, starts[i], lengths[i], min)) {
                min = Arrays.copyOfRange(buffer, starts[i], starts[i] + lengths[i]);
                low = prefix;
            }
            if (prefix >= high && isAbove(buffer, starts[i], lengths[i], max)) {
                max = Arrays.copyOfRange(buffer, starts[i], starts[i] + lengths[i]);
                high = prefix;
            }
        }
        minPrefix = low ^ Long.MIN_VALUE;
        maxPrefix = high ^ Long.MIN_VALUE;
    }

    void add(byte[] text) {
        byte[] padded = Arrays.copyOf(text, text.length + 8);
        add(padded, new int[1], new int[] {text.length}, 1, false);
    }

    private void addLengths(byte[] buffer, int[] starts, int[] lengths, int n, boolean ascii) {
        long sum = 0;
        int low = Integer.MAX_VALUE;
        int high = 0;
        for (int i = 0; i < n; i++) {
            int length = ascii ? lengths[i] : characters(buffer, starts[i], lengths[i]);
            sum += length;
            low = Math.min(low, length);
            high = Math.max(high, length);
        }
        shortest = Math.min(shortest, low);
        longest = Math.max(longest, high);
        characters += sum;
        count += n;
    }

    /** The bytes that do not continue a UTF-8 character, counted eight at a time: a continuation has bit 7 and not bit 6. */
    private static int characters(byte[] buffer, int start, int length) {
        int continuations = 0;
        int at = 0;
        for (; at + 8 <= length; at += 8) {
            continuations += continuations(Hash.load(buffer, start + at));
        }
        if (at < length) {
            continuations += continuations(Hash.load(buffer, start + at) & (-1L >>> (64 - 8 * (length - at))));
        }
        return length - continuations;
    }

    private static int continuations(long word) {
        return Long.bitCount(word & ~(word << 1) & 0x8080808080808080L);
    }

    private static boolean isBelow(byte[] buffer, int start, int length, byte[] than) {
        return Arrays.compareUnsigned(buffer, start, start + length, than, 0, than.length) < 0;
    }

    private static boolean isAbove(byte[] buffer, int start, int length, byte[] than) {
        return Arrays.compareUnsigned(buffer, start, start + length, than, 0, than.length) > 0;
    }

    void merge(TextBounds other) {
        if (other.min == null || other.max == null) {
            return;
        }
        if (min == null || Arrays.compareUnsigned(other.min, min) < 0) {
            min = other.min;
            minPrefix = other.minPrefix;
        }
        if (max == null || Arrays.compareUnsigned(other.max, max) > 0) {
            max = other.max;
            maxPrefix = other.maxPrefix;
        }
        shortest = Math.min(shortest, other.shortest);
        longest = Math.max(longest, other.longest);
        characters += other.characters;
        count += other.count;
    }

    byte @Nullable [] min() {
        return min;
    }

    byte @Nullable [] max() {
        return max;
    }

    boolean isEmpty() {
        return count == 0;
    }

    long shortest() {
        return shortest;
    }

    long longest() {
        return longest;
    }

    double meanLength() {
        return (double) characters / count;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(count);
        if (min == null || max == null) {
            return;
        }
        out.writeLong(shortest);
        out.writeLong(longest);
        out.writeLong(characters);
        out.writeInt(min.length);
        out.write(min);
        out.writeInt(max.length);
        out.write(max);
    }

    static TextBounds read(DataInput in) throws IOException {
        TextBounds bounds = new TextBounds();
        bounds.count = in.readLong();
        if (bounds.count == 0) {
            return bounds;
        }
        bounds.shortest = in.readLong();
        bounds.longest = in.readLong();
        bounds.characters = in.readLong();
        byte[] min = new byte[in.readInt()];
        in.readFully(min);
        byte[] max = new byte[in.readInt()];
        in.readFully(max);
        bounds.min = min;
        bounds.max = max;
        bounds.minPrefix = prefix(min);
        bounds.maxPrefix = prefix(max);
        return bounds;
    }

    private static long prefix(byte[] text) {
        return Hash.prefix(Arrays.copyOf(text, text.length + 8), 0, text.length);
    }
}
