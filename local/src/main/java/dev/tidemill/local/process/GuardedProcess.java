package dev.tidemill.local.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A process that ends when this one does, however this one ends. Its guard, a few lines of shell, holds a pipe from us: when the
 * pipe closes, because we closed it or because we are no more ({@code kill -9} included), the guard ends the process. The
 * process itself knows nothing of it, so that any program can be started this way.
 */
public final class GuardedProcess implements AutoCloseable {

    /**
     * {@code read} is a builtin, so that no further process is left behind; background jobs of a shell without job control
     * ignore SIGINT, so that Ctrl-C reaches the process through us and in order.
     */
    private static final String GUARD = """
            exec 3<&0
            "$@" </dev/null 3<&- &
            child=$!
            (
                while read -r _ <&3; do :; done
                kill -TERM $child
                tries=0
                while kill -0 $child && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
                kill -KILL $child
            ) >/dev/null 2>&1 &
            guard=$!
            exec 3<&-
            wait $child
            status=$?
            kill $guard 2>/dev/null
            exit $status
            """;

    private final Process guard;
    private final Path log;

    private GuardedProcess(Process guard, Path log) {
        this.guard = guard;
        this.log = log;
    }

    /**
     * Starts a program.
     *
     * @param environment added to this process' own, after what the names in it stood for
     * @param log where its output goes, appended
     */
    public static GuardedProcess start(
            List<String> command, Map<String, String> environment, Path directory, Path log) {
        List<String> guarded = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "tidemill-guard"));
        guarded.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(guarded)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(log.toAbsolutePath().getParent());
            return new GuardedProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command.getFirst() + ": " + e.getMessage(), e);
        }
    }

    public boolean isAlive() {
        return guard.isAlive();
    }

    /** Completes with the exit status when the process has ended. */
    public CompletionStage<Integer> ended() {
        return guard.onExit().thenApply(Process::exitValue);
    }

    public Path log() {
        return log;
    }

    /** The last lines of its output, for a message. */
    public String lastWords(int lines) {
        try {
            List<String> all = new String(Files.readAllBytes(log), java.nio.charset.StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            return "";
        }
    }

    /** Ends the process: politely, and after five seconds not so. Returns when it is gone. */
    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(10, TimeUnit.SECONDS)) {
                guard.descendants().forEach(ProcessHandle::destroyForcibly);
                guard.destroyForcibly();
            }
        } catch (IOException _) {
            // The pipe is closed on the other side: it has ended already.
        } catch (InterruptedException _) {
            guard.descendants().forEach(ProcessHandle::destroyForcibly);
            guard.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
