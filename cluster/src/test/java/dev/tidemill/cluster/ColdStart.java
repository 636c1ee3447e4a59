package dev.tidemill.cluster;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tells how long an answer from zero took, and what the pod says of its start meanwhile. */
final class ColdStart {

    private static final Pattern STARTS = Pattern.compile("started in|listens on|fetched in|is ready");

    private ColdStart() {}

    /** @param answers the first from zero */
    static void print(String whose, List<Client.Answer> answers, Stream<String> log) {
        var first = answers.getFirst();
        System.out.printf(
                "%s answered from zero after %d ms, asked at %s, then after %d ms%n",
                whose, first.millis(), first.began(), answers.getLast().millis());
        log.filter(line -> STARTS.matcher(line).find()).forEach(line -> System.out.println("  " + line));
    }
}
