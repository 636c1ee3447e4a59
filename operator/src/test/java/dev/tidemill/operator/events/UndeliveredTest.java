package dev.tidemill.operator.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.FunctionClient.Event;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UndeliveredTest {

    /** The extensions with which Knative's in-memory channel came to a dead letter sink. */
    private static final Map<String, String> EXTENSIONS = Map.of(
            "knativearrivaltime", "2026-11-22T23:59:00.1Z",
            "knativeerrorcode", "500",
            "knativeerrordata", "bm90IGluIHRoaXMgbW9vZA==",
            "knativeerrordest", "http://moody.tidemill-e2e.svc.cluster.local");

    @Test
    void aDeadLetterIsTheEventAsItWasSentAndWhatTheFunctionAnswered() {
        var letter = Undelivered.of(
                new Event("work-2", "/end-to-end", "test.work", null, "application/json", EXTENSIONS, new byte[0]));
        assertThat(letter.why()).isEqualTo("it answered 500: not in this mood");
        assertThat(letter.event().id()).isEqualTo("work-2");
        assertThat(letter.event().extensions()).containsOnlyKeys("knativearrivaltime");
    }
}
