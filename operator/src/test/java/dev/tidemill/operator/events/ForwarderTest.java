package dev.tidemill.operator.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.FunctionClient.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ForwarderTest {

    private static final Event EVENT = new Event("1", "s", "t", "k", "application/json", Map.of(), new byte[0]);

    @Test
    void triesAgainWhatTheBrokerDidNotTake() throws InterruptedException {
        var taken = new LinkedBlockingQueue<Event>();
        var attempts = new AtomicInteger();
        try (var forwarder = new Forwarder(
                (_, event) -> {
                    if (attempts.incrementAndGet() < 3) {
                        throw new IOException("not yet");
                    }
                    taken.add(event);
                },
                Duration.ofMillis(1))) {
            forwarder.forward("team-a", EVENT);
            assertThat(taken.poll(90, TimeUnit.SECONDS)).isSameAs(EVENT);
        }
        assertThat(attempts).hasValue(3);
    }

    @Test
    void aBrokerThatHangsHoldsUpNobody() throws InterruptedException {
        var hangs = new CountDownLatch(1);
        var taken = new LinkedBlockingQueue<String>();
        try (var forwarder = new Forwarder(
                (namespace, _) -> {
                    if (namespace.equals("hanging")) {
                        hangs.await();
                    }
                    taken.add(namespace);
                },
                Duration.ofMillis(1))) {
            // More than may wait: each call returns all the same.
            for (var i = 0; i < 2_000; i++) {
                forwarder.forward("hanging", EVENT);
            }
            forwarder.forward("team-a", EVENT);
            assertThat(taken.poll(90, TimeUnit.SECONDS)).isEqualTo("team-a");
            hangs.countDown();
            for (var i = 0; i < 1_000; i++) {
                assertThat(taken.poll(90, TimeUnit.SECONDS)).isEqualTo("hanging");
            }
            assertThat(taken).isEmpty();
        }
    }
}
