package dev.tidemill.operator.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.operator.events.DeadLetters.Redriven;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

    private static final URI FUNCTION = URI.create("http://report.team-a.svc");

    private final ObjectClient store = new MemoryStore().client();
    private final DeadLetters letters = new DeadLetters(Clock.systemUTC());
    private final DeadLetters.Box box = new DeadLetters.Box(store, "tidemill", "team-a", "report");

    private final List<Event> sent = new ArrayList<>();
    private final Set<String> refused = new HashSet<>();

    private final FunctionClient function = (address, event, timeout) -> {
        assertThat(address).isEqualTo(FUNCTION);
        sent.add(event);
        return refused.contains(event.id())
                ? new Reply.NoCapacity("not today")
                : new Reply.Result(null, "text/plain", new byte[0]);
    };

    @BeforeEach
    void bucket() {
        store.createBucket("tidemill");
    }

    private static Event event(String id) {
        return new Event(
                id, "orders", "placed", "ä", "application/json", Map.of("partitionkey", "7"), "{}".getBytes(UTF_8));
    }

    private Redriven redrive(String token) throws Exception {
        return letters.redrive(box, token, function, FUNCTION, Duration.ofSeconds(1));
    }

    private List<String> kept() {
        return store.list("tidemill", "team-a/_deadletters/report/", null).objects().stream()
                .map(ObjectInfo::key)
                .toList();
    }

    @Test
    void aLetterIsSentAsItCameAndThenGone() throws Exception {
        letters.keep(box, event("1"), "it answered 500", "");
        assertThat(redrive("a")).isEqualTo(new Redriven(1, 0));
        assertThat(sent).usingRecursiveFieldByFieldElementComparator().containsExactly(event("1"));
        assertThat(kept()).isEmpty();
    }

    @Test
    void theSameEventIsOneLetter() {
        letters.keep(box, event("1"), "it answered 500", "");
        letters.keep(box, event("1"), "it answered 503", "");
        assertThat(kept()).hasSize(1);
    }

    @Test
    void whatIsRefusedAgainWaitsForTheNextValue() throws Exception {
        letters.keep(box, event("1"), "it answered 500", "");
        letters.keep(box, event("2"), "it answered 500", "");
        refused.add("1");
        assertThat(redrive("a")).isEqualTo(new Redriven(1, 1));
        assertThat(redrive("a")).as("sent for this value already").isEqualTo(new Redriven(0, 1));
        assertThat(sent).hasSize(2);
        refused.clear();
        assertThat(redrive("b")).isEqualTo(new Redriven(1, 0));
        assertThat(kept()).isEmpty();
    }

    @Test
    void aLetterThatCameUnderAValueIsNotSentForIt() throws Exception {
        letters.keep(box, event("1"), "it answered 500", "a");
        assertThat(redrive("a")).isEqualTo(new Redriven(0, 1));
        assertThat(sent).isEmpty();
    }
}
