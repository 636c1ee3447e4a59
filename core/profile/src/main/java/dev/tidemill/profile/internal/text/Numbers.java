package dev.tidemill.profile.internal.text;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;

/**
 * Numbers from bytes. What is a number: an optional {@code -}, digits without leading zeros, optionally a point and digits (either
 * side may be missing), optionally an exponent. A text with leading zeros ({@code 007}) is an identifier and stays one: reading it
 * as a number would lose the zeros.
 */
public final class Numbers {
    /** What {@link #parseLong} answers to anything that is not an int64 in its shortest form. */
    public static final long NO_LONG = Long.MIN_VALUE;

    private static final long ZEROS = 0x3030303030303030L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final double[] POWERS = new double[23];

    static {
        for (int i = 0; i < POWERS.length; i++) {
            POWERS[i] = Double.parseDouble("1e" + i);
        }
    }

    private Numbers() {}

    /**
     * An int64 in its shortest form ({@code 0}, {@code -12}; not {@code +1}, {@code 01}, {@code -0}), or {@link #NO_LONG}, also for
     * the smallest int64 of all.
     */
    public static long parseLong(byte[] buffer, int start, int length) {
        boolean negative = false;
        if (length > 0 && buffer[start] == '-') {
            negative = true;
            start++;
            length--;
        }
        if (length <= 0 || length > 19) {
            return NO_LONG;
        }
        if (buffer[start] == '0') {
            return length == 1 && !negative ? 0 : NO_LONG;
        }
        long value = digits(buffer, start, length);
        return value < 0 ? NO_LONG : negative ? -value : value;
    }

    /** The value of 1 to 19 digits, or a negative number when there is anything else among them or the value is too large. */
    private static long digits(byte[] buffer, int start, int length) {
        if (length <= 8) {
            return eight(Hash.load(buffer, start) ^ ZEROS, length);
        }
        if (length <= 16) {
            long high = eight(Hash.load(buffer, start) ^ ZEROS, length - 8);
            long low = eight(Hash.load(buffer, start + length - 8) ^ ZEROS, 8);
            return high < 0 ? high : low < 0 ? low : high * 100_000_000L + low;
        }
        long top = eight(Hash.load(buffer, start) ^ ZEROS, length - 16);
        long rest = digits(buffer, start + length - 16, 16);
        if (top < 0 || rest < 0 || top > 922) {
            return -1;
        }
        // At most 922 × 10^16 + 10^16 - 1 < 2^64: an overflow of 2^63 shows as a negative number.
        return top * 10_000_000_000_000_000L + rest;
    }

    /** The first {@code length} (1 to 8) of eight bytes, each less '0', as a number; -1 when one of them is not 0 to 9. */
    private static long eight(long word, int length) {
        word <<= 64 - 8 * length;
        if (((word | (word + 0x7676767676767676L)) & HIGH_BITS) != 0) {
            return -1;
        }
        word = word * 10 + (word >>> 8);
        return ((word & 0x000000FF000000FFL) * 0x000F424000000064L
                        + ((word >>> 16) & 0x000000FF000000FFL) * 0x0000271000000001L)
                >>> 32;
    }

    /**
     * A number in decimal or exponent notation, correctly rounded, or NaN when the text is not one or is beyond a double's range.
     * {@code NaN} and {@code Infinity} are not its business.
     */
    public static double parseDouble(byte[] buffer, int start, int length) {
        if (length == 1) {
            return isDigit(buffer[start]) ? buffer[start] - '0' : Double.NaN;
        }
        return length == 2 && buffer[start] != '0' && isDigit(buffer[start]) && isDigit(buffer[start + 1])
                ? 10 * (buffer[start] - '0') + (buffer[start + 1] - '0')
                : parse(buffer, start, length);
    }

    private static double parse(byte[] buffer, int start, int length) {
        int at = start;
        int end = start + length;
        boolean negative = at < end && buffer[at] == '-';
        if (negative) {
            at++;
        }
        int first = at;
        long mantissa = 0;
        while (at < end && isDigit(buffer[at])) {
            mantissa = mantissa * 10 + (buffer[at++] - '0');
        }
        int whole = at - first;
        if (whole > 1 && buffer[first] == '0') {
            return Double.NaN;
        }
        int fraction = 0;
        if (at < end && buffer[at] == '.') {
            int point = ++at;
            while (at < end && isDigit(buffer[at])) {
                mantissa = mantissa * 10 + (buffer[at++] - '0');
            }
            fraction = at - point;
        }
        if (whole + fraction == 0) {
            return Double.NaN;
        }
        if (at == end && whole + fraction <= 18 && fraction <= 22 && mantissa <= 1L << 53) {
            // Clinger's fast path: both operands are exact, so that the one rounding of the division is the right one.
            double value = mantissa / POWERS[fraction];
            return negative ? -value : value;
        }
        if (at < end && !isExponent(buffer, at, end)) {
            return Double.NaN;
        }
        return slow(buffer, start, length);
    }

    private static double slow(byte[] buffer, int start, int length) {
        double value = JavaDoubleParser.parseDouble(buffer, start, length);
        return Double.isInfinite(value) ? Double.NaN : value;
    }

    private static boolean isExponent(byte[] buffer, int at, int end) {
        if ((buffer[at] | 0x20) != 'e') {
            return false;
        }
        at++;
        if (at < end && (buffer[at] == '+' || buffer[at] == '-')) {
            at++;
        }
        if (at == end) {
            return false;
        }
        while (at < end) {
            if (!isDigit(buffer[at++])) {
                return false;
            }
        }
        return true;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
