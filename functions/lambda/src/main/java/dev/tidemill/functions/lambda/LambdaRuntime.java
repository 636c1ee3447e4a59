package dev.tidemill.functions.lambda;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One runtime: a process, here or in a container of its own, that asks for an event, answers it and asks for the next. Confined to
 * the event loop.
 */
final class LambdaRuntime {

    /** A request for the next event that has not been answered yet. */
    interface Poll {
        void answer(Call call, Instant deadline);
    }

    private sealed interface State {
        /** There is no process, or none that works. The next call starts one, where that is for us to do. */
        record Stopped() implements State {}

        /** It has been started, or is between an answer and its next request. */
        record Preparing() implements State {}

        record Free(Poll poll) implements State {}

        record Busy(Call call, Future<?> alarm) implements State {}

        /** Its time is over and it is not ours to end. */
        record Stuck() implements State {}
    }

    private final EventLoop loop;
    private final Pool pool;
    private final Settings settings;
    private final Map<String, String> environment;
    private final Extensions extensions;
    private final int apiPort;

    private State state;
    private @Nullable RuntimeProcess process;
    private Outcome.@Nullable Failed initError;
    private boolean served;
    private boolean closed;

    LambdaRuntime(EventLoop loop, Pool pool, Settings settings, Map<String, String> environment, int apiPort) {
        this.loop = loop;
        this.pool = pool;
        this.settings = settings;
        this.environment = environment;
        this.apiPort = apiPort;
        this.extensions = new Extensions(settings);
        this.state = ours() ? new State.Stopped() : new State.Preparing();
    }

    Extensions extensions() {
        return extensions;
    }

    int apiPort() {
        return apiPort;
    }

    private boolean ours() {
        return !settings.command().isEmpty();
    }

    boolean isFree() {
        return state instanceof State.Free;
    }

    boolean isStuck() {
        return state instanceof State.Stuck;
    }

    /** Whether it will ask for an event by itself, as far as anybody knows. */
    boolean isPromising() {
        return switch (state) {
            case State.Stopped _, State.Stuck _ -> false;
            case State.Preparing _, State.Free _, State.Busy _ -> true;
        };
    }

    /** Starts the process if there is none and it is ours. */
    void wake() {
        if (!(state instanceof State.Stopped) || closed || !ours()) {
            return;
        }
        state = new State.Preparing();
        served = false;
        initError = null;
        try {
            RuntimeProcess[] started = new RuntimeProcess[1];
            started[0] = RuntimeProcess.start(
                    settings.command(), environment, apiPort, status -> loop.execute(() -> exited(started[0], status)));
            process = started[0];
        } catch (IOException e) {
            notStarted(Outcome.Failed.of(
                    Outcome.Kind.UNAVAILABLE,
                    "Runtime.InvalidEntrypoint",
                    "cannot start %s: %s".formatted(settings.command().getFirst(), e.getMessage())));
        }
    }

    void invoke(Call call) {
        if (!(state instanceof State.Free(Poll poll))) {
            throw new IllegalStateException("runtime " + apiPort + " is " + state);
        }
        Future<?> alarm = loop.schedule(() -> timeOut(call), settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
        Instant deadline = Instant.now().plus(settings.timeout());
        state = new State.Busy(call, alarm);
        served = true;
        poll.answer(call, deadline);
        extensions.invoked(call, deadline);
    }

    /** The runtime asks for an event. */
    void next(Poll poll) {
        if (state instanceof State.Busy(Call call, Future<?> alarm)) {
            // A process that had lost its event would not ask for another one: this is a new process in its place.
            alarm.cancel(false);
            call.complete(Outcome.Failed.exited(call.id(), "without providing a reason"));
        }
        state = new State.Free(poll);
        pool.free(this);
    }

    /** The connection of an unanswered request is gone. */
    void hungUp(Poll poll) {
        if (state instanceof State.Free(Poll present) && present == poll) {
            state = new State.Preparing();
        }
    }

    /** The call in progress, if it has this id. */
    @Nullable
    Call current(String id) {
        return state instanceof State.Busy(Call call, Future<?> _)
                        && call.id().toString().equals(id)
                ? call
                : null;
    }

    /** The runtime has answered the call in progress; what it still does is its own affair until it asks again. */
    void answered() {
        if (state instanceof State.Busy(Call _, Future<?> alarm)) {
            alarm.cancel(false);
            state = new State.Preparing();
        }
    }

    /** The runtime says why it cannot start; it will end by itself. */
    void initFailed(Outcome.Failed error) {
        Log.line(
                "the handler did not initialise: %s",
                new String(error.error(), java.nio.charset.StandardCharsets.UTF_8));
        initError = error;
        if (!ours()) {
            notStarted(error);
        }
    }

    private void timeOut(Call call) {
        if (current(call.id().toString()) != call) {
            return;
        }
        Outcome.Failed late = Outcome.Failed.timedOut(call.id(), settings.timeout());
        Log.line("%s", new String(late.error(), java.nio.charset.StandardCharsets.UTF_8));
        state = new State.Stuck();
        if (process != null) {
            process.kill();
        }
        call.complete(late);
    }

    private void exited(RuntimeProcess which, int status) {
        if (which != process) {
            return;
        }
        process = null;
        State before = state;
        state = new State.Stopped();
        if (closed) {
            return;
        }
        String how = RuntimeProcess.describe(status);
        if (before instanceof State.Busy(Call call, Future<?> alarm)) {
            alarm.cancel(false);
            Log.line("runtime exited %s during request %s", how, call.id());
            call.complete(Outcome.Failed.exited(call.id(), how));
        }
        if (served) {
            wake();
        } else {
            notStarted(
                    initError != null
                            ? initError
                            : Outcome.Failed.of(
                                    Outcome.Kind.UNAVAILABLE,
                                    "Runtime.ExitError",
                                    "Runtime exited %s before it asked for an event".formatted(how)));
        }
    }

    private void notStarted(Outcome.Failed why) {
        state = new State.Stopped();
        pool.failedToStart(why);
    }

    /** Ends the runtime, then its extensions, as AWS Lambda does; done when these have been told. */
    CompletableFuture<Void> close() {
        closed = true;
        if (process != null) {
            process.kill();
        }
        return extensions.shutDown();
    }
}
