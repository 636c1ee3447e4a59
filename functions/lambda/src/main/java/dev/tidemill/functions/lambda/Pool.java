package dev.tidemill.functions.lambda;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Gives each call to a runtime that is free, in the order in which they came. Confined to the event loop. */
final class Pool {

    private static final String ONE = "runtime/";

    private final EventLoop loop;
    private final Duration patience;
    private final List<LambdaRuntime> runtimes = new ArrayList<>();
    private final Deque<Call> waiting = new ArrayDeque<>();

    /** @param patience how long a call may wait for a free runtime */
    Pool(EventLoop loop, Duration patience) {
        this.loop = loop;
        this.patience = patience;
    }

    void add(LambdaRuntime runtime) {
        runtimes.add(runtime);
    }

    List<LambdaRuntime> runtimes() {
        return runtimes;
    }

    void submit(Call call) {
        for (LambdaRuntime runtime : runtimes) {
            if (runtime.isFree()) {
                runtime.invoke(call);
                return;
            }
        }
        waiting.add(call);
        runtimes.forEach(LambdaRuntime::wake);
        loop.schedule(() -> giveUp(call), patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** A runtime asks for work. */
    void free(LambdaRuntime runtime) {
        Call next = waiting.poll();
        if (next != null) {
            runtime.invoke(next);
        }
    }

    /** A runtime did not come up; where no other one will, nobody is left to wait for. */
    void failedToStart(Outcome.Failed why) {
        if (runtimes.stream().noneMatch(LambdaRuntime::isPromising)) {
            List<Call> disappointed = List.copyOf(waiting);
            waiting.clear();
            disappointed.forEach(call -> call.complete(why));
        }
    }

    /**
     * How it stands.
     *
     * @param ready whether any runtime can take an event now or soon
     * @param free runtimes that ask for an event
     * @param waiting calls for which there is none
     */
    record Health(boolean ready, long free, int waiting) {}

    /** @param whose {@code runtime/PORT} for that of one, anything else for all of them */
    Health health(String whose) {
        List<LambdaRuntime> asked = runtimes.stream()
                .filter(runtime -> !whose.startsWith(ONE) || whose.equals(ONE + runtime.apiPort()))
                .toList();
        return new Health(
                asked.stream().anyMatch(runtime -> !runtime.isStuck()),
                asked.stream().filter(LambdaRuntime::isFree).count(),
                waiting.size());
    }

    private void giveUp(Call call) {
        if (waiting.remove(call)) {
            call.complete(Outcome.Failed.of(
                    Outcome.Kind.UNAVAILABLE,
                    "Runtime.Unavailable",
                    "no runtime became free within %d s: each takes one event at a time"
                            .formatted(patience.toSeconds())));
        }
    }
}
