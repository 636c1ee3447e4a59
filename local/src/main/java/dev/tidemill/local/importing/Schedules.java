package dev.tidemill.local.importing;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * EventBridge's schedules as cron expressions of five fields (Amazon EventBridge User Guide, "Cron expressions", "Rate expressions").
 * Empty where five fields cannot say it: {@code L}, {@code W}, {@code #}, years, and rates that do not divide the hour or the day.
 */
final class Schedules {

    private static final Pattern RATE = Pattern.compile("rate\\(\\s*(\\d{1,6})\\s+(minute|hour|day)s?\\s*\\)");
    private static final Pattern CRON = Pattern.compile("cron\\((.*)\\)");
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    private Schedules() {}

    static Optional<String> cron(String expression) {
        Matcher rate = RATE.matcher(expression.strip());
        if (rate.matches()) {
            return rate(Integer.parseInt(rate.group(1)), rate.group(2));
        }
        Matcher cron = CRON.matcher(expression.strip());
        return cron.matches() ? fields(cron.group(1).strip().split("\\s+")) : Optional.empty();
    }

    private static Optional<String> rate(int every, String unit) {
        if (every < 1) {
            return Optional.empty();
        }
        return switch (unit) {
            case "minute" ->
                every % 60 == 0
                        ? rate(every / 60, "hour")
                        : 60 % every == 0 ? Optional.of(step(every) + " * * * *") : Optional.empty();
            case "hour" ->
                every == 24
                        ? rate(1, "day")
                        : 24 % every == 0 ? Optional.of("0 " + step(every) + " * * *") : Optional.empty();
            default -> every == 1 ? Optional.of("0 0 * * *") : Optional.empty();
        };
    }

    private static String step(int every) {
        return every == 1 ? "*" : "*/" + every;
    }

    /** Minutes, hours, day of month, month, day of week counted from Sunday = 1, year. */
    private static Optional<String> fields(String[] fields) {
        if (fields.length != 6 || !fields[5].equals("*") || Stream.of(fields).anyMatch(Schedules::beyondCron)) {
            return Optional.empty();
        }
        String weekday = fields[4].equals("?") || fields[4].equals("*")
                ? "*"
                : Pattern.compile("\\d")
                        .matcher(fields[4])
                        .replaceAll(day -> DAYS.get((Integer.parseInt(day.group()) + 6) % 7));
        return Optional.of(Stream.of(fields[0], fields[1], fields[2].replace('?', '*'), fields[3], weekday)
                .collect(Collectors.joining(" ")));
    }

    private static boolean beyondCron(String field) {
        return field.matches(".*[#].*|.*\\d[LW].*|L.*|LW");
    }
}
