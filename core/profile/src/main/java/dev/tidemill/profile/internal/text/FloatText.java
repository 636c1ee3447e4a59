package dev.tidemill.profile.internal.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;

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
    private static final long ZEROS = 0x3030303030303030L;

    private static final int PRECISION = 24;
    private static final int LEAST_EXPONENT = -149;
    private static final int LEAST_NORMAL = 1 << PRECISION - 1;

    /** Digits to which every decimal is filled up. */
    private static final int DIGITS = 9;

    private static final int[] POWERS = new int[DIGITS + 1];

    /** The exponents of ten for the least and the largest exponent of two. */
    private static final int LEAST_K = -45;

    private static final int MOST_K = 31;

    /** For each k from the least on the 63 leading bits of 10^-k, and one more in the last place. */
    private static final long[] G = new long[MOST_K - LEAST_K + 1];

    static {
        POWERS[0] = 1;
        for (int i = 1; i <= DIGITS; i++) {
            POWERS[i] = 10 * POWERS[i - 1];
        }
        for (int i = 0; i < G.length; i++) {
            int k = LEAST_K + i;
            BigInteger power = BigInteger.TEN.pow(Math.abs(k));
            BigInteger scaled = k <= 0
                    ? power.shiftLeft(256)
                    : BigInteger.ONE.shiftLeft(512).divide(power);
            G[i] = scaled.shiftRight(scaled.bitLength() - 63).longValueExact() + 1;
        }
    }

    private FloatText() {}

    /**
     * Writes a finite value.
     *
     * @param into with room for {@link #MOST} bytes
     * @return where the text ends
     */
    public static int write(float value, byte[] into, int at) {
        int bits = Float.floatToRawIntBits(value);
        if (bits < 0) {
            into[at++] = '-';
        }
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
        if (s >= 100) {
            int tens = 10 * (int) (s * 1_717_986_919L >>> 34);
            boolean low = vbl <= tens << 2;
            boolean high = tens + 10 << 2 <= vbr;
            if (low != high) {
                return render(low ? tens : tens + 10, k, into, at);
            }
        }
        boolean low = vbl <= s << 2;
        boolean high = s + 1 << 2 <= vbr;
        int middle = vb - (2 * s + 1 << 1);
        boolean down = low != high ? low : middle < 0 || middle == 0 && (s & 1) == 0;
        return render(down ? s : s + 1, k + dk, into, at);
    }

    /** The product's upper bits, the last of them set where any below is: "round to odd" of the paper's figure 11. */
    private static int toOdd(long g, long cp) {
        long high = Math.multiplyHigh(g, cp);
        return (int) (high >>> 31 | (high & 0x7FFF_FFFFL) + 0x7FFF_FFFFL >>> 31);
    }

    /** Writes {@code f} × 10^{@code e}: with an exponent where it is below 10^-3 or from 10^7 on. */
    private static int render(int f, int e, byte[] into, int at) {
        if (f == 0) {
            into[at] = '0';
            into[at + 1] = '.';
            into[at + 2] = '0';
            return at + 3;
        }
        // floor(log10(2^bits)), and one more where it has more digits than the powers of two below it
        int length = (Integer.SIZE - Integer.numberOfLeadingZeros(f)) * 1233 >> 12;
        length += f >= POWERS[length] ? 1 : 0;
        int filled = f * POWERS[DIGITS - length];
        int first = (int) (filled * 1_441_151_881L >>> 57);
        long rest = eight(filled - 100_000_000 * first);
        int significant = 8 - (Long.numberOfLeadingZeros(rest) >> 3);
        rest |= ZEROS;
        int point = e + length;
        if (point > 0 && point <= 7) {
            into[at] = (byte) ('0' + first);
            LONG.set(into, at + 1, rest);
            into[at + point] = '.';
            LONG.set(into, at + point + 1, rest >>> 8 * (point - 1));
            return at + point + 1 + Math.max(1, significant - point + 1);
        }
        if (point > -3 && point <= 0) {
            LONG.set(into, at, ZEROS ^ ('0' ^ '.') << 8);
            at += 2 - point;
            into[at] = (byte) ('0' + first);
            LONG.set(into, at + 1, rest);
            return at + 1 + significant;
        }
        into[at] = (byte) ('0' + first);
        into[at + 1] = '.';
        LONG.set(into, at + 2, rest);
        at += 2 + Math.max(1, significant);
        int exponent = point - 1;
        into[at++] = 'E';
        if (exponent < 0) {
            into[at++] = '-';
            exponent = -exponent;
        }
        if (exponent >= 10) {
            into[at++] = (byte) ('0' + exponent / 10);
        }
        into[at++] = (byte) ('0' + exponent % 10);
        return at;
    }

    /** Eight digits, the first in the lowest byte, by halves of halves. */
    private static long eight(int value) {
        long fours = value / 10_000 | (long) (value % 10_000) << 32;
        long hundreds = (fours * 10_486 >>> 20) & 0x0000_007F_0000_007FL;
        long twos = hundreds | fours - 100 * hundreds << 16;
        long tens = (twos * 103 >>> 10) & 0x000F_000F_000F_000FL;
        return tens | twos - 10 * tens << 8;
    }
}
