package dev.tidemill.local.display;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DisplayTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void barsAreRedrawnInPlaceAndANoteStandsAboveThem() {
        try (Display bars = new Bars(out, 80)) {
            bars.progress("wine", 6, 0, 24);
            bars.progress("iris", 0, 0, 10);
            bars.note("k8s/pod.yaml, line 1: Pod x is for a cluster and is left alone");
            bars.progress("wine", 12, 6, 24);
            bars.status("iris", ready(3));
        }
        assertThat(screen())
                .containsExactly(
                        "k8s/pod.yaml, line 1: Pod x is for a cluster and is left alone",
                        "wine  " + "█".repeat(18) + "░".repeat(6) + " 18/24",
                        "iris  " + "░".repeat(24) + " 0/10 ready, revision 3");
    }

    @Test
    void howManyRoundsATrainingHasTakenIsShownAndToldEachTimeTheyAreTwiceAsMany() {
        try (Display bars = new Bars(out, 80)) {
            bars.rounds("net-training", 3);
            bars.progress("net-training", 1, 0, 4);
        }
        assertThat(screen()).containsExactly("net-training  " + "█".repeat(6) + "░".repeat(18) + " 1/4, revision 3");
        bytes.reset();
        try (Display lines = new Lines(out)) {
            for (long revision = 20; revision < 60; revision++) {
                lines.rounds("net-training", revision);
            }
        }
        assertThat(text().lines())
                .containsExactly(
                        "dataset/net-training: working, revision 28",
                        "dataset/net-training: working, revision 36",
                        "dataset/net-training: working, revision 52");
    }

    @Test
    void aLineThatWouldWrapIsCutSoThatTheNextRedrawFindsItsPlace() {
        try (Display bars = new Bars(out, 60)) {
            bars.status("orders", failed("BadRow", "line 812, byte 40961: quote\nopened here is never closed"));
            bars.status("orders", failed("BadRow", "line 813, byte 40999: quote\nopened here is never closed"));
        }
        assertThat(screen())
                .hasSize(1)
                .first()
                .asString()
                .hasSize(59)
                .endsWith("line 8…")
                .startsWith("orders  ░░░");
    }

    @Test
    void linesAreToldOnceForEachChangeAndWithoutProgress() {
        try (Display lines = new Lines(out)) {
            lines.status("wine", failed("BadRow", "line 3"));
            lines.progress("wine", 1, 0, 2);
            lines.status("wine", failed("BadRow", "line 3"));
            lines.status("wine", ready(1));
        }
        assertThat(text().lines())
                .containsExactly("dataset/wine: not ready (BadRow: line 3)", "dataset/wine: ready, revision 1");
    }

    private static DatasetStatus ready(long revision) {
        return status(Verdict.yes("Committed", "Committed"))
                .with()
                .committed(revision, null, "s3://tidemill/m")
                .build();
    }

    private static DatasetStatus failed(String reason, String message) {
        return status(Verdict.no("Committed", reason, message));
    }

    private static DatasetStatus status(Verdict committed) {
        List<Condition> conditions = Conditions.of(Clock.systemUTC(), 1L, List.of())
                .requires(committed)
                .derive();
        return DatasetStatus.empty().with().observed(1L, conditions).build();
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** What a terminal shows: it understands "up so many lines", "clear this line", and line ends. */
    private List<String> screen() {
        List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
        int line = 0;
        String text = text();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                line++;
                if (line == lines.size()) {
                    lines.add(new StringBuilder());
                }
            } else if (c == '\u001b') {
                int end = i + 2;
                while (!Character.isLetter(text.charAt(end))) {
                    end++;
                }
                switch (text.charAt(end)) {
                    case 'A' -> line -= Integer.parseInt(text.substring(i + 2, end));
                    case 'K' -> lines.get(line).setLength(0);
                    default ->
                        throw new AssertionError(
                                "what is " + text.substring(i, end + 1).substring(1) + "?");
                }
                i = end;
            } else if (c != '\r') {
                lines.get(line).append(c);
            }
        }
        return lines.stream()
                .map(StringBuilder::toString)
                .filter(shown -> !shown.isEmpty())
                .toList();
    }
}
