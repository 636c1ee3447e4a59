package dev.tidemill.profile.internal.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A float as the shortest decimal that is nearest to it, straight into bytes: the text of {@link Float#toString(float)}.
 *
 * <p>The decimal is found after Raffaello Giulietti, "The Schubfach way to render doubles" (2022): section 9, and for float, where 63 bits
 * of each power of ten are enough, its appendix. Eight of the digits are made at once in one word.
 */
public final class FloatText {

    /** What {@link #write} may use of the array: digits are stored by eight, and the text itself has 15 bytes at most. */
    public static final int MOST = 24;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ZEROS = 0x3030303030303030L;

    private static final int PRECISION = 24;
    private static final int LEAST_EXPONENT = -149;
    private static final int LEAST_NORMAL = 1 << PRECISION - 1;

    /** Digits to which every decimal is filled up. */
    private static final int DIGITS = 9;

    private static final int[] POWERS = {1, 10, 100};

    /** The exponents of ten for the least and the largest exponent of two. */
    private static final int LEAST_K = -45;

    private static final int MOST_K = 31;

    /** For each k from the least on the 63 leading bits of 10^-k, and one more in the last place. */
    private static final long[] G = new long[MOST_K - LEAST_K + 1];

    /** The points of the least float and the largest: 0.14 × 10^-44 and 0.34 × 10^39. */
    private static final int LEAST_POINT = -44;

    private static final int MOST_POINT = 39;

    private static final Layout[] LAYOUTS =
            IntStream.rangeClosed(LEAST_POINT, MOST_POINT).mapToObj(Layout::of).toArray(Layout[]::new);

    /**
     * What stands where, for a number of 0.1 to 1 times a power of ten: the digits' number and values differ, not the way.
     *
     * @param zeros bytes of {@code 0.00…} before the first digit
     * @param whole digits before the point; where it stands in the zeros, all that there can be
     * @param more bytes beside the digits behind the first
     * @param least bytes from the first digit on
     * @param exponent {@code E} and the exponent, the first byte in the lowest
     */
    private record Layout(int zeros, int whole, int more, int least, int exponent, int exponentLength) {

        /** With an exponent where the number is below 10^-3 or from 10^7 on. */
        static Layout of(int point) {
            if (point > -3 && point <= 0) {
                return new Layout(2 - point, DIGITS, 1, 1, 0, 0);
            }
            if (point > 0 && point <= 7) {
                return new Layout(0, point, 2, point + 2, 0, 0);
            }
            byte[] exponent = ("E" + (point - 1)).getBytes(StandardCharsets.US_ASCII);
            return new Layout(0, 1, 2, 3, (int) INT.get(Arrays.copyOf(exponent, Integer.BYTES), 0), exponent.length);
        }
    }

    static {
        for (int i = 0; i < G.length; i++) {
            int k = LEAST_K + i;
            BigInteger power = BigInteger.TEN.pow(Math.abs(k));
            BigInteger scaled = k <= 0
                    ? power.shiftLeft(256)
                    : BigInteger.ONE.shiftLeft(512).divide(power);
            G[i] = scaled.shiftRight(scaled.bitLength() - 63).longValueExact() + 1;
        }
    }

    /** The three digits of every number below a thousand, the first in the lowest byte. */
    private static final long[] THREES = IntStream.range(0, 1_000)
            .mapToLong(i -> i / 100 | i / 10 % 10 << 8 | i % 10 << 16)
            .toArray();

    private FloatText() {}

    /**
     * Writes a finite value.
     *
     * @param into with room for {@link #MOST} bytes
     * @return where the text ends
     */
    public static int write(float value, byte[] into, int at) {
        int bits = Float.floatToRawIntBits(value);
        into[at] = '-';
        at += bits >>> 31;
        int fraction = bits & LEAST_NORMAL - 1;
        int exponent = bits >>> PRECISION - 1 & 0xFF;
        if (exponent == 0) {
            // The least numbers, for which one digit is enough, get the nearest decimal of two, as from Float.toString.
            return fraction == 0
                    ? render(0, 0, into, at)
                    : fraction < 8
                            ? shortest(LEAST_EXPONENT, 10 * fraction, -1, into, at)
                            : shortest(LEAST_EXPONENT, fraction, 0, into, at);
        }
        int significand = LEAST_NORMAL | fraction;
        int down = 1 - LEAST_EXPONENT - exponent;
        if (down > 0 && down < PRECISION && (significand & (1 << down) - 1) == 0) {
            return render(significand >> down, 0, into, at);
        }
        return shortest(-down, significand, 0, into, at);
    }

    /**
     * The shortest decimal, of at least two digits, in the interval that rounds to {@code c} × 2^{@code q}; names as in the paper's figure 7.
     *
     * @param dk added to the decimal's exponent
     */
    private static int shortest(int q, int c, int dk, byte[] into, int at) {
        int out = c & 1;
        long cb = c << 2;
        long cbr = cb + 2;
        boolean even = c != LEAST_NORMAL || q == LEAST_EXPONENT;
        long cbl = even ? cb - 2 : cb - 1;
        // floor(log10(2^q)), or of 3/4 of it; floor(log2(10^-k))
        int k = (int) (even ? q * 661_971_961_083L >> 41 : q * 661_971_961_083L - 274_743_187_321L >> 41);
        int h = q + (int) (-k * 913_124_641_741L >> 38) + 33;
        long g = G[k - LEAST_K];
        int vb = toOdd(g, cb << h);
        int vbl = toOdd(g, cbl << h) + out;
        int vbr = toOdd(g, cbr << h) - out;
        int s = vb >> 2;
        int tens = 10 * (int) (s * 1_717_986_919L >>> 34);
        // Masks, all ones for true: which decimal it is changes from float to float, and no branch would be foreseen.
        int tensBelow = (tens << 2) - vbl >> 31;
        int tensAbove = vbr - (tens + 10 << 2) >> 31;
        int shorter = (tensBelow ^ tensAbove) & 99 - s >> 31;
        int below = (s << 2) - vbl >> 31;
        int above = vbr - (s + 1 << 2) >> 31;
        int middle = vb - (2 * s + 1 << 1);
        int up = choose(below ^ above, -below, 1 + (middle + (s & 1) - 1 >> 31));
        return render(choose(shorter, tens + (10 & tensBelow), s + up), k + dk, into, at);
    }

    private static int choose(int mask, int ifSet, int ifNot) {
        return mask & ifSet | ~mask & ifNot;
    }

    /** The product's upper bits, the last of them set where any below is: "round to odd" of the paper's figure 11. */
    private static int toOdd(long g, long cp) {
        long high = Math.multiplyHigh(g, cp);
        return (int) (high >>> 31 | (high & 0x7FFF_FFFFL) + 0x7FFF_FFFFL >>> 31);
    }

    /** Writes {@code f} × 10^{@code e}. */
    private static int render(int f, int e, byte[] into, int at) {
        if (f == 0) {
            into[at] = '0';
            into[at + 1] = '.';
            into[at + 2] = '0';
            return at + 3;
        }
        // Only integers and the least numbers have fewer than seven digits.
        while (f < 1_000_000) {
            f *= 10;
            e--;
        }
        int lacking = (f - 100_000_000 >>> 31) + (f - 10_000_000 >>> 31);
        int filled = f * POWERS[lacking];
        int millions = (int) (filled * 1_125_899_907L >>> 50);
        int rest = filled - 1_000_000 * millions;
        int thousands = (int) (rest * 4_294_968L >>> 32);
        long first = THREES[millions];
        long behind = first >>> 8 | THREES[thousands] << 16 | THREES[rest - 1_000 * thousands] << 40;
        int significant = 8 - (Long.numberOfLeadingZeros(behind) >> 3);
        behind |= ZEROS;
        Layout layout = LAYOUTS[e + DIGITS - lacking - LEAST_POINT];
        LONG.set(into, at, ZEROS ^ ('0' ^ '.') << 8);
        at += layout.zeros;
        into[at] = (byte) ('0' | first);
        LONG.set(into, at + 1, behind);
        into[at + layout.whole] = '.';
        LONG.set(into, at + layout.whole + 1, behind >>> 8 * (layout.whole - 1));
        at += Math.max(significant + layout.more, layout.least);
        INT.set(into, at, layout.exponent);
        return at + layout.exponentLength;
    }
}
