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
    private static final long ONES = 0x0101010101010101L;
    private static final long POINTS = '.' * ONES;
    /** A double tells every integer up to here from its neighbours. */
    private static final long EXACT = 1L << 53;

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
        return notDigits(word) ? -1 : eight(word);
    }

    private static boolean notDigits(long word) {
        return ((word | (word + 0x7676767676767676L)) & HIGH_BITS) != 0;
    }

    /** Eight digits as a number. */
    private static long eight(long word) {
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
        if (length - 1 >>> 1 == 0) {
            // One digit or two, what most numbers are that are many: which of them it is, no branch would foresee.
            int first = buffer[start] - '0';
            int last = buffer[start + length - 1] - '0';
            if ((first - (length - 1) | 9 - first | last | 9 - last) >= 0) {
                return last + (10 * first & 1 - length >> 31);
            }
        }
        int sign = length > 0 && buffer[start] == '-' ? 1 : 0;
        int unsigned = length - sign;
        double value = unsigned - 1 >>> 3 == 0
                ? shortDecimal(buffer, start + sign, unsigned)
                : decimal(buffer, start + sign, unsigned);
        if (Double.isNaN(value)) {
            return isNumber(buffer, start + sign, start + length) ? slow(buffer, start, length) : Double.NaN;
        }
        return sign == 0 ? value : -value;
    }

    /**
     * A number of 1 to 8 bytes, with a point or without. Where the point stands, and how many digits there are, changes from number to
     * number: no branch depends on it. NaN for all others.
     */
    private static double shortDecimal(byte[] buffer, int start, int length) {
        long text = Hash.load(buffer, start) ^ ZEROS;
        int first = (int) text & 0xFF;
        text <<= 64 - 8 * length;
        long point = points(text ^ ZEROS);
        point &= -point;
        long before = (point >>> 7) - 1;
        int pointed = Long.bitCount(point);
        int fraction = Long.numberOfLeadingZeros(point) >>> 3 & 7;
        int whole = length - pointed - fraction;
        long digits = (text & before) << 8 * pointed | text & ~before << 8;
        // A leading zero; no digit at all.
        int bad = 1 - whole & first - 1 | length - pointed - 1;
        if (bad < 0 || notDigits(digits)) {
            return Double.NaN;
        }
        // Clinger's fast path, as below.
        return fraction == 0 ? eight(digits) : eight(digits) / POWERS[fraction];
    }

    /**
     * A number of the usual form: up to 16 digits, and perhaps a point and more of them, 18 in all, which as a whole number have 53 bits.
     * NaN for all others.
     */
    private static double decimal(byte[] buffer, int start, int length) {
        int whole = Math.min(length, point(buffer, start, length));
        int fraction = length - whole - 1;
        if (whole == 0 || fraction == 0 || length > 19 || (whole > 1 && buffer[start] == '0')) {
            return Double.NaN;
        }
        long mantissa = digits(buffer, start, whole);
        if (fraction < 0) {
            return mantissa < 0 || mantissa > EXACT ? Double.NaN : mantissa;
        }
        long behind = digits(buffer, start + whole + 1, fraction);
        long all = mantissa * (long) POWERS[fraction] + behind;
        if (mantissa < 0 || behind < 0 || all > EXACT || buffer[start + whole] != '.') {
            return Double.NaN;
        }
        // Clinger's fast path: both operands are exact, so that the one rounding of the division is the right one.
        return all / POWERS[fraction];
    }

    /** How many bytes stand before the point; 16 where it is not among that many. */
    private static int point(byte[] buffer, int start, int length) {
        int first = Long.numberOfTrailingZeros(points(Hash.load(buffer, start))) >> 3;
        return first < 8 || length <= 8
                ? first
                : 8 + (Long.numberOfTrailingZeros(points(Hash.load(buffer, start + 8))) >> 3);
    }

    /** The highest bit of the first of eight bytes that is a point, and perhaps of bytes behind it. */
    private static long points(long word) {
        long zero = word ^ POINTS;
        return (zero - ONES) & ~zero & HIGH_BITS;
    }

    private static double slow(byte[] buffer, int start, int length) {
        double value = JavaDoubleParser.parseDouble(buffer, start, length);
        return Double.isInfinite(value) ? Double.NaN : value;
    }

    /** Whether it is written as a number without a sign is. */
    private static boolean isNumber(byte[] buffer, int start, int end) {
        int at = behindDigits(buffer, start, end);
        int digits = at - start;
        if (digits > 1 && buffer[start] == '0') {
            return false;
        }
        if (at < end && buffer[at] == '.') {
            int point = at;
            at = behindDigits(buffer, point + 1, end);
            digits += at - point - 1;
        }
        if (digits > 0 && at < end && (buffer[at] | 0x20) == 'e') {
            at++;
            if (at < end && (buffer[at] == '+' || buffer[at] == '-')) {
                at++;
            }
            int exponent = at;
            at = behindDigits(buffer, exponent, end);
            digits = at - exponent;
        }
        return digits > 0 && at == end;
    }

    private static int behindDigits(byte[] buffer, int at, int end) {
        while (at < end && isDigit(buffer[at])) {
            at++;
        }
        return at;
    }

    public static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
