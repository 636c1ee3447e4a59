package dev.tidemill.images;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program once as its image would, from start over a {@link Lesson} to its end, so that the JVM writes down which classes it has
 * loaded and linked: a start from that cache takes half the time. The cache holds for exactly this runtime and these jars, by their
 * sizes and times; with others the JVM warns and starts without it.
 */
final class AotTraining {

    /** Where the image has it. */
    static final Path CACHE = Path.of("app", "app.aot");

    /** A heap whose references are compressed, whatever memory this machine has: a cache with others is of no use in a pod. */
    private static final String HEAP = "-Xmx1g";

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private AotTraining() {}

    static void run(Path root, Path runtime, Path layout, Deployable deployable)
            throws IOException, InterruptedException {
        var port = freePort();
        var command = command(runtime, layout, deployable, "-XX:AOTCacheOutput=");
        try (var lesson = Lesson.of(deployable, root, layout)) {
            var builder = new ProcessBuilder(command).inheritIO();
            builder.environment().put("PORT", Integer.toString(port));
            builder.environment().putAll(lesson.environment());
            var process = builder.start();
            try {
                ask(process, lesson.questions(URI.create("http://127.0.0.1:" + port + "/")));
                process.destroy();
                if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IOException("the trained program does not end");
                }
            } finally {
                process.destroyForcibly();
            }
        }
        if (!layout.resolve(CACHE).toFile().exists()) {
            throw new IOException("no " + layout.resolve(CACHE) + ": what the JVM says is above");
        }
    }

    /**
     * Has the JVM begin with the cache, on the files as they are going to be in the image: it ends where it would otherwise warn and go on
     * without.
     */
    static void check(Path runtime, Path layout, Deployable deployable) throws IOException, InterruptedException {
        var command = command(runtime, layout, deployable, "-XX:AOTMode=on", "-XX:AOTCache=");
        command.set(command.indexOf("-jar"), "-cp");
        command.add("-version");
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(
                    "the image %s would start without its cache of classes:%n%s".formatted(deployable.image(), said));
        }
    }

    /** That of the image, on the layout. The last option gets the path of the cache. */
    private static List<String> command(Path runtime, Path layout, Deployable deployable, String... options) {
        var command = new ArrayList<String>();
        for (var word : deployable.entrypoint()) {
            if (word.equals(Deployable.USE_CACHE)) {
                command.add(HEAP);
                command.addAll(List.of(options));
                command.add(command.removeLast() + layout.resolve(CACHE));
            } else {
                command.add(
                        word.startsWith("/opt/")
                                ? runtime + word
                                : word.replaceAll("(^|:)/app/", "$1" + layout + "/app/"));
            }
        }
        return command;
    }

    private static void ask(Process process, List<HttpRequest> questions) throws IOException, InterruptedException {
        try (var client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (var question : questions) {
                ask(process, client, question);
            }
        }
    }

    private static void ask(Process process, HttpClient client, HttpRequest question)
            throws IOException, InterruptedException {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (process.isAlive() && System.nanoTime() < end) {
            try {
                var status = client.send(question, BodyHandlers.discarding()).statusCode();
                if (status == 200) {
                    return;
                }
                // It listens, and is not ready.
                if (status != 503) {
                    throw new IllegalStateException(question + " is answered with " + status);
                }
            } catch (ConnectException e) {
                // It does not listen yet.
            }
            Thread.sleep(100);
        }
        throw new IOException("the program does not answer " + question);
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
