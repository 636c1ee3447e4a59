package dev.tidemill.local.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimetableTest {

    /** By hand from cron(5), and from the cases of robfig/cron's own tests. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            * * * * *          | 2026-11-22T10:07:00Z | 2026-11-22T10:08:00Z
            */15 * * * *       | 2026-11-22T14:45:00Z | 2026-11-22T15:00:00Z
            20-35/15 * * * *   | 2026-11-22T14:45:00Z | 2026-11-22T15:20:00Z
            5/20 * * * *       | 2026-11-22T14:26:00Z | 2026-11-22T14:45:00Z
            0 2 * * *          | 2026-11-22T02:00:00Z | 2026-11-23T02:00:00Z
            0 0 1 1 *          | 2026-11-22T00:00:00Z | 2027-01-01T00:00:00Z
            0 0 29 Feb ?       | 2026-11-22T00:00:00Z | 2028-02-29T00:00:00Z
            30 8 * * MON-FRI   | 2026-11-20T09:00:00Z | 2026-11-23T08:30:00Z
            0 12 * * 0,6       | 2026-11-23T00:00:00Z | 2026-11-28T12:00:00Z
            0 0 1,15 * Sun     | 2012-07-08T00:00:00Z | 2012-07-15T00:00:00Z
            0 0 1,15 * Mon     | 2012-07-02T00:00:00Z | 2012-07-09T00:00:00Z
            0 0 */10 * Sun     | 2012-07-01T00:00:00Z | 2012-07-08T00:00:00Z
            0 0 * * Mon        | 2012-07-15T00:00:00Z | 2012-07-16T00:00:00Z
            """)
    void isDueAsCronIs(String schedule, Instant after, Instant next) {
        Cron cron = Cron.parse(schedule);
        ZonedDateTime minute = after.atZone(java.time.ZoneOffset.UTC).plusMinutes(1);
        while (!cron.isDue(minute)) {
            assertThat(minute.toInstant()).isBefore(next);
            minute = minute.plusMinutes(1);
        }
        assertThat(minute.toInstant()).isEqualTo(next);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            60 * * * *    | the minute "60" is not between 0 and 59
            * * 0 * *     | the day of month "0" is not between 1 and 31
            * * * Foo *   | the month "Foo" is not between 1 and 12
            * * * * 5-1   | the day of week "5-1" ends before it begins
            */0 * * * *   | the minute "0" is not between 1 and 59
            * * *         | has 3 fields
            """)
    void whatIsNoScheduleIsNamed(String schedule, String why) {
        assertThatThrownBy(() -> Cron.parse(schedule)).hasMessageContaining(why);
    }

    @Test
    void whatWasSleptThroughIsDueOnce() {
        Cron hourly = Cron.parse("0 * * * *");
        Instant evening = Instant.parse("2026-11-22T20:30:00Z");
        assertThat(Timetable.due(hourly, evening, evening.plus(Duration.ofHours(10))))
                .contains(Instant.parse("2026-11-23T06:00:00Z"));
        assertThat(Timetable.due(hourly, evening, evening.plusSeconds(29 * 60))).isEmpty();
        Instant hour = Instant.parse("2026-11-22T21:00:00Z");
        assertThat(Timetable.due(hourly, hour.minusMillis(1), hour)).contains(hour);
        assertThat(Timetable.due(hourly, hour, hour.plusSeconds(50)))
                .as("not again in the same minute")
                .isEmpty();
    }

    @Test
    void theFunctionIsCalledWhenTheClockComesToIt() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-22T01:59:30Z"));
        BlockingQueue<Event> got = new LinkedBlockingQueue<>();
        try (Broker broker = new Broker(
                        (_, event, _) -> {
                            got.add(event);
                            return new Reply.Result(null, "text/plain", new byte[0]);
                        },
                        _ -> {},
                        (_, _) -> {});
                Timetable timetable = new Timetable(now::get, broker)) {
            for (String name : List.of("nightly", "weekly")) {
                broker.subscribe(new Subscription(
                        "report-" + name,
                        "lab",
                        "default",
                        Map.of("type", Timetable.TYPE, "source", Timetable.source("lab", "report", name)),
                        List.of(),
                        Map.of(),
                        () -> URI.create("http://localhost/"),
                        Duration.ofSeconds(1)));
            }
            timetable.put(
                    "lab/report",
                    List.of(
                            new Timetable.Entry("lab", "report", "nightly", Cron.parse("0 2 * * *")),
                            new Timetable.Entry("lab", "report", "weekly", Cron.parse("0 2 * * 1"))));
            now.set(Instant.parse("2026-11-22T02:00:10Z"));
            Event event = got.poll(60, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            assertThat(event.type()).isEqualTo("dev.knative.sources.ping");
            assertThat(event.source()).isEqualTo("/apis/v1/namespaces/lab/pingsources/report.nightly");
            assertThat(event.extensions()).containsEntry("time", "2026-11-22T02:00:00Z");
            assertThat(new String(event.data(), StandardCharsets.UTF_8)).isEqualTo("{\"name\":\"nightly\"}");
            now.updateAndGet(time -> time.plus(2, ChronoUnit.DAYS));
            Event next = got.poll(60, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            assertThat(next.source()).as("a Tuesday").endsWith("report.nightly");
            assertThat(got).isEmpty();
        }
    }
}
