package dev.tidemill.local.broker;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * When a schedule is due: minute, hour, day of month, month and day of week, by the rules that Knative's PingSource goes by (those of
 * cron(5), as robfig/cron has them): lists, ranges, steps, names, and of two restricted days either will do.
 *
 * @param minutes a bit for each value, as in the other fields
 * @param anyDay whether the day of month is unrestricted
 * @param anyWeekday whether the day of week is
 */
public record Cron(
        long minutes, long hours, long days, long months, long weekdays, boolean anyDay, boolean anyWeekday) {

    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> WEEKDAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    /** @throws IllegalArgumentException naming the field that cannot be read */
    public static Cron parse(String expression) {
        String[] fields = expression.strip().split("\\s+");
        if (fields.length != 5) {
            throw new IllegalArgumentException(
                    "\"%s\" has %d fields; a schedule has five: minute, hour, day of month, month, day of week"
                            .formatted(expression, fields.length));
        }
        return new Cron(
                bits("minute", fields[0], 0, 59, List.of()),
                bits("hour", fields[1], 0, 23, List.of()),
                bits("day of month", fields[2], 1, 31, List.of()),
                bits("month", fields[3], 1, 12, MONTHS),
                bits("day of week", fields[4], 0, 6, WEEKDAYS),
                isAny(fields[2]),
                isAny(fields[4]));
    }

    /** @param time in UTC; its seconds do not count */
    public boolean isDue(ZonedDateTime time) {
        boolean day = has(days, time.getDayOfMonth());
        boolean weekday = has(weekdays, time.getDayOfWeek().getValue() % 7);
        return has(minutes, time.getMinute())
                && has(hours, time.getHour())
                && has(months, time.getMonthValue())
                && (anyDay || anyWeekday ? day && weekday : day || weekday);
    }

    private static boolean has(long bits, int value) {
        return (bits >> value & 1) == 1;
    }

    /** One of a list is enough; a star with a step restricts. */
    private static boolean isAny(String field) {
        return Stream.of(field.split(",", -1)).anyMatch(part -> part.matches("[*?](/0*1)?"));
    }

    private static long bits(String what, String field, int min, int max, List<String> names) {
        return Stream.of(field.split(",", -1))
                .flatMapToLong(part -> values(what, part, min, max, names).mapToLong(value -> 1L << value))
                .reduce(0, (a, b) -> a | b);
    }

    private static IntStream values(String what, String part, int min, int max, List<String> names) {
        String[] stepped = part.split("/", 2);
        String[] range = stepped[0].split("-", 2);
        boolean any = stepped[0].equals("*") || stepped[0].equals("?");
        int from = any ? min : value(what, range[0], min, max, names);
        int to = any || stepped.length == 2 && range.length == 1
                ? max
                : value(what, range[range.length - 1], min, max, names);
        int step = stepped.length == 1 ? 1 : value(what, stepped[1], 1, max, List.of());
        if (from > to) {
            throw new IllegalArgumentException("the %s \"%s\" ends before it begins".formatted(what, part));
        }
        return IntStream.rangeClosed(from, to).filter(value -> (value - from) % step == 0);
    }

    private static int value(String what, String text, int min, int max, List<String> names) {
        int named = names.indexOf(text.toLowerCase(Locale.ROOT));
        if (named >= 0) {
            return named + min;
        }
        if (!text.matches("\\d{1,4}") || Integer.parseInt(text) < min || Integer.parseInt(text) > max) {
            throw new IllegalArgumentException(
                    "the %s \"%s\" is not between %d and %d".formatted(what, text, min, max));
        }
        return Integer.parseInt(text);
    }
}
