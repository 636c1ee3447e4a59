package dev.tidemill.local.process;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A function that runs here: one process, one port. It is started anew, at the same address, when it ends by itself or when it is
 * asked to; a caller sees a refused connection meanwhile and tries again.
 */
public final class FunctionProcess implements AutoCloseable {

    private static final Duration LONGEST_START = Duration.ofMinutes(2);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** A process that lived so long was not broken from the start. */
    private static final Duration HEALTHY = Duration.ofSeconds(30);

    /**
     * What is started.
     *
     * @param name for messages
     * @param environment without {@code PORT}
     * @param directory its working directory
     * @param log where its output goes
     */
    public record Program(
            String name, List<String> command, Map<String, String> environment, Path directory, Path log) {
        public Program {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /** The function did not come up; the message names the log and quotes its end. */
    public static final class StartFailedException extends RuntimeException {
        StartFailedException(String message) {
            super(message);
        }
    }

    private final Program program;
    private final int port = Loopback.freePort();
    private @Nullable GuardedProcess process;
    private Instant started = Instant.MIN;
    private int ended;
    private int unhealthy;
    private boolean closed;

    public FunctionProcess(Program program) {
        this.program = program;
    }

    public Program program() {
        return program;
    }

    /** How often it has ended without being told to for good. */
    public synchronized int endings() {
        return ended;
    }

    public URI url(String path) {
        return Loopback.url(port, path);
    }

    /** Starts it and waits until it listens. */
    public void start() throws InterruptedException {
        GuardedProcess fresh = launch();
        Instant deadline = Instant.now().plus(LONGEST_START);
        while (!Loopback.answers(port)) {
            if (!fresh.isAlive() || Instant.now().isAfter(deadline)) {
                String why =
                        fresh.isAlive() ? "did not listen on port " + port + " (its $PORT)" : "ended while starting";
                close();
                throw new StartFailedException("function %s %s; its log is %s and ends with:\n%s"
                        .formatted(program.name(), why, program.log(), fresh.lastWords(15)));
            }
            Thread.sleep(10);
        }
    }

    /** Ends the process, busy or not; a new one takes its place. */
    public synchronized void restart() {
        if (process != null && !closed) {
            process.close();
        }
    }

    private synchronized GuardedProcess launch() {
        if (closed) {
            throw new IllegalStateException(program.name() + " was ended");
        }
        Map<String, String> environment = new HashMap<>(program.environment());
        environment.put("PORT", Integer.toString(port));
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.put("QUARKUS_HTTP_HOST", Loopback.HOST);
        GuardedProcess fresh = GuardedProcess.start(program.command(), environment, program.directory(), program.log());
        process = fresh;
        started = Instant.now();
        fresh.ended().thenRun(() -> Thread.startVirtualThread(this::again));
        return fresh;
    }

    /** After it ended: at once the first time, later and later when it keeps ending. */
    private void again() {
        try {
            Thread.sleep(pause());
            synchronized (this) {
                if (!closed) {
                    launch();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized long pause() {
        ended++;
        unhealthy = started.plus(HEALTHY).isBefore(Instant.now()) ? 0 : unhealthy + 1;
        return unhealthy <= 1 ? 0 : Math.min(LONGEST_PAUSE.toMillis(), 250L << Math.min(unhealthy, 10));
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (process != null) {
            process.close();
        }
    }
}
