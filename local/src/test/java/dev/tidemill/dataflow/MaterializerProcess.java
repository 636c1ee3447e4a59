package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.Stores;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A materializer in a process of its own, which can be stopped at a kill point and then be killed, or let go on.
 *
 * <p>Its main program reads slices to run, one a line ({@code RUN <kill point or -> <request>}), and answers {@code REPLY <reply>}.
 * When it comes to the kill point it says {@code AT <point>} and the thread that came there waits, until the line {@code RESUME}
 * comes or the process is gone.
 */
final class MaterializerProcess implements AutoCloseable {

    /** Small enough that a dozen objects meet the edges of segments and checkpoints. */
    private static final Limits LIMITS = new Limits(4, 5, 2);

    private final Process process;
    private final BufferedReader said;

    private MaterializerProcess(Process process) {
        this.process = process;
        this.said = process.inputReader(StandardCharsets.UTF_8);
    }

    static MaterializerProcess start(StoreConfig store) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx256m",
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                MaterializerProcess.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .putAll(Map.of(
                        "AWS_ENDPOINT_URL_S3", store.endpoint().toString(),
                        "AWS_ACCESS_KEY_ID", store.credentials().get().accessKey(),
                        "AWS_SECRET_ACCESS_KEY", store.credentials().get().secretKey()));
        return new MaterializerProcess(builder.start());
    }

    /** How a slice went on: it came to the kill point (null) or ended with a reply. */
    @Nullable
    SliceReply run(SliceRequest request, @Nullable KillPoint stopAt) throws IOException {
        send("RUN " + (stopAt == null ? "-" : stopAt.name()) + " "
                + new String(request.toJson(), StandardCharsets.UTF_8));
        return next();
    }

    /** Waits for the next thing that it says. */
    @Nullable
    SliceReply next() throws IOException {
        String line = said.readLine();
        if (line == null) {
            throw new IOException("the materializer's process ended with status "
                    + process.onExit().join().exitValue());
        }
        if (line.startsWith("AT ")) {
            return null;
        }
        return SliceReply.fromJson(line.substring("REPLY ".length()).getBytes(StandardCharsets.UTF_8));
    }

    void resume() throws IOException {
        send("RESUME");
    }

    /** SIGKILL: no handler, no finally, nothing flushed. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private void send(String line) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).write(line + "\n");
        process.outputWriter(StandardCharsets.UTF_8).flush();
    }

    @Override
    public void close() {
        kill();
    }

    // The process

    private static volatile @Nullable KillPoint stopAt;

    private static final Semaphore RESUMED = new Semaphore(0);

    @SuppressWarnings("SystemOut") // A process that speaks over its standard output.
    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void at(KillPoint point) {
        synchronized (RESUMED) {
            if (point != stopAt) {
                return;
            }
            stopAt = null;
        }
        say("AT " + point);
        RESUMED.acquireUninterruptibly();
    }

    public static void main(String[] args) throws Exception {
        BlockingQueue<String> slices = new LinkedBlockingQueue<>();
        Thread.ofPlatform().daemon().start(() -> listen(slices));
        try (ObjectClient store = Stores.connect(StoreConfig.fromEnvironment(System.getenv()));
                HttpFunctionClient functions = new HttpFunctionClient()) {
            RetryPolicy quick =
                    new RetryPolicy(6, 2, new Backoff(Duration.ofMillis(20), Duration.ofMillis(200)), 20, 10, 3);
            Surroundings surroundings = new Surroundings(
                    quick, Time.SYSTEM, RandomGenerator.of("SecureRandom"), MaterializerProcess::at, null, LIMITS);
            Materializer materializer = new Materializer(store, functions, surroundings);
            while (true) {
                String[] slice = slices.take().split(" ", 3);
                stopAt = slice[1].equals("-") ? null : KillPoint.valueOf(slice[1]);
                SliceReply reply = materializer.run(SliceRequest.fromJson(slice[2].getBytes(StandardCharsets.UTF_8)));
                stopAt = null;
                say("REPLY " + new String(reply.toJson(), StandardCharsets.UTF_8));
            }
        }
    }

    private static void listen(BlockingQueue<String> slices) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("RESUME")) {
                    RESUMED.release();
                } else {
                    slices.add(line);
                }
            }
        } catch (IOException e) {
            // The test is gone.
        }
        Runtime.getRuntime().halt(0);
    }
}
