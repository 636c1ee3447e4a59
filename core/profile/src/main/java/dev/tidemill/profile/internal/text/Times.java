package dev.tidemill.profile.internal.text;

/**
 * ISO 8601 dates and timestamps from bytes, as microseconds since 1970-01-01T00:00: {@code 2024-02-29}, {@code 2024-02-29 12:30},
 * {@code 2024-02-29T12:30:15.123456Z}. Finer fractions are cut. Offsets are applied, so that the result is UTC.
 */
public final class Times {
    /** What the parsers answer to anything else. */
    public static final long NO_TIME = Long.MIN_VALUE;

    public static final long MICROS_PER_SECOND = 1_000_000;
    public static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;

    private Times() {}

    /** {@code yyyy-mm-dd} of the years 0001 to 9999 as the microseconds of its midnight, or {@link #NO_TIME}. */
    public static long parseDate(byte[] buffer, int start, int length) {
        return length == 10 ? date(buffer, start) : NO_TIME;
    }

    private static long date(byte[] buffer, int start) {
        if (buffer[start + 4] != '-' || buffer[start + 7] != '-') {
            return NO_TIME;
        }
        int century = two(buffer, start);
        int rest = two(buffer, start + 2);
        int month = two(buffer, start + 5);
        int day = two(buffer, start + 8);
        if ((century | rest | month | day) < 0) {
            return NO_TIME;
        }
        int year = century * 100 + rest;
        if (year == 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
            return NO_TIME;
        }
        return epochDay(year, month, day) * MICROS_PER_DAY;
    }

    /** A date followed by {@code T} or a space and a time of day, or {@link #NO_TIME}. */
    public static long parseTimestamp(byte[] buffer, int start, int length) {
        if (length < 16 || (buffer[start + 10] != 'T' && buffer[start + 10] != ' ') || buffer[start + 13] != ':') {
            return NO_TIME;
        }
        long date = date(buffer, start);
        int hour = two(buffer, start + 11);
        int minute = two(buffer, start + 14);
        if (date == NO_TIME || (hour | minute) < 0 || hour > 23 || minute > 59) {
            return NO_TIME;
        }
        int at = start + 16;
        int end = start + length;
        long micros = 0;
        if (at < end && buffer[at] == ':') {
            int second = end - at >= 3 ? two(buffer, at + 1) : -1;
            if (second < 0 || second > 59) {
                return NO_TIME;
            }
            at += 3;
            micros = second * MICROS_PER_SECOND;
            if (at < end && buffer[at] == '.') {
                int first = ++at;
                int unit = 100_000;
                while (at < end && Numbers.isDigit(buffer[at])) {
                    micros += (long) (buffer[at++] - '0') * unit;
                    unit /= 10;
                }
                if (at == first) {
                    return NO_TIME;
                }
            }
        }
        long offset = at == end ? 0 : offset(buffer, at, end);
        return offset == NO_TIME ? NO_TIME : date + (hour * 60L + minute) * 60 * MICROS_PER_SECOND + micros - offset;
    }

    /** {@code Z}, {@code +hh}, {@code +hhmm} or {@code +hh:mm} in microseconds. */
    private static long offset(byte[] buffer, int at, int end) {
        byte sign = buffer[at++];
        int length = end - at;
        if (sign == 'Z') {
            return length == 0 ? 0 : NO_TIME;
        }
        if ((sign != '+' && sign != '-') || (length != 2 && length != 4 && length != 5)) {
            return NO_TIME;
        }
        int hours = two(buffer, at);
        int minutes = length == 2 ? 0 : two(buffer, end - 2);
        if ((hours | minutes) < 0 || hours > 18 || minutes > 59 || (length == 5 && buffer[at + 2] != ':')) {
            return NO_TIME;
        }
        long micros = (hours * 60L + minutes) * 60 * MICROS_PER_SECOND;
        return sign == '-' ? -micros : micros;
    }

    private static int two(byte[] buffer, int at) {
        int tens = buffer[at] - '0';
        int ones = buffer[at + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }

    private static int daysIn(int year, int month) {
        return switch (month) {
            case 2 -> (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
            case 4, 6, 9, 11 -> 30;
            default -> 31;
        };
    }

    /** Days since 1970-01-01 (Howard Hinnant, days_from_civil). */
    private static long epochDay(int year, int month, int day) {
        int y = month <= 2 ? year - 1 : year;
        int era = y / 400;
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * 146_097L + yearOfEra * 365L + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468L;
    }
}
