package dev.tidemill.profile.internal.text;

import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.internal.ColumnVector.Inference;

/**
 * What one text means: the specification of type inference, and the slow road beside the batch loops, which handle only the
 * shortest forms. Spaces around a number, a boolean or a time do not matter.
 */
public final class TextValue {
    private static final long S_TRUE = word("true");
    private static final long S_FALS = word("fals");
    private static final long S_NAN = word("nan");
    private static final long S_INF = word("inf");
    private static final long S_INFINITY = word("infinity");

    private ColumnType type = ColumnType.STRING;
    private long number;
    private double real;

    /** Reads the text; what it means is then in the getters. */
    public ColumnType read(byte[] buffer, int start, int length, Inference inference) {
        while (length > 0 && buffer[start] == ' ') {
            start++;
            length--;
        }
        while (length > 0 && buffer[start + length - 1] == ' ') {
            length--;
        }
        type = inference == Inference.NONE || length == 0
                ? ColumnType.STRING
                : readTrimmed(buffer, start, length, inference == Inference.ALL);
        return type;
    }

    private ColumnType readTrimmed(byte[] buffer, int start, int length, boolean all) {
        if (length >= 10 && buffer[start + 4] == '-') {
            number = Times.parseDate(buffer, start, length);
            if (number != Times.NO_TIME) {
                return ColumnType.DATE;
            }
            number = Times.parseTimestamp(buffer, start, length);
            return number != Times.NO_TIME ? ColumnType.TIMESTAMP : ColumnType.STRING;
        }
        if (!all) {
            return ColumnType.STRING;
        }
        if (length <= 5 && isBoolean(buffer, start, length)) {
            return ColumnType.BOOLEAN;
        }
        number = Numbers.parseLong(buffer, start, length);
        if (number != Numbers.NO_LONG) {
            return ColumnType.INT64;
        }
        if (length == 2 && buffer[start] == '-' && buffer[start + 1] == '0') {
            number = 0;
            return ColumnType.INT64;
        }
        real = Numbers.parseDouble(buffer, start, length);
        if (Double.isNaN(real) && !isNamedDouble(buffer, start, length)) {
            return ColumnType.STRING;
        }
        if (real == -0x1p63 && isSmallestLong(buffer, start, length)) {
            number = Long.MIN_VALUE;
            return ColumnType.INT64;
        }
        return ColumnType.DOUBLE;
    }

    /** 0 or 1, an int64, or microseconds, after the type. */
    public long number() {
        return number;
    }

    /** The value of a double; NaN and the infinities included. */
    public double real() {
        return real;
    }

    private boolean isBoolean(byte[] buffer, int start, int length) {
        long word = lower(buffer, start, length);
        if (length == 4 && word == S_TRUE) {
            number = 1;
            return true;
        }
        number = 0;
        return length == 5 && (word & 0xFFFFFFFFL) == S_FALS && (word >>> 32) == 'e';
    }

    private boolean isNamedDouble(byte[] buffer, int start, int length) {
        boolean negative = buffer[start] == '-';
        if (negative) {
            start++;
            length--;
        }
        if (length != 3 && length != 8) {
            return false;
        }
        long word = lower(buffer, start, length);
        if (word == S_NAN && !negative) {
            real = Double.NaN;
            return true;
        }
        real = negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        return word == S_INF || word == S_INFINITY;
    }

    private static boolean isSmallestLong(byte[] buffer, int start, int length) {
        return length == 20
                && Numbers.parseLong(buffer, start + 1, 18) == 922_337_203_685_477_580L
                && buffer[start + 19] == '8';
    }

    private static long lower(byte[] buffer, int start, int length) {
        return (Hash.load(buffer, start) | 0x2020202020202020L) & (-1L >>> (64 - 8 * length));
    }

    private static long word(String text) {
        long word = 0;
        for (int i = text.length() - 1; i >= 0; i--) {
            word = word << 8 | text.charAt(i);
        }
        return word;
    }
}
