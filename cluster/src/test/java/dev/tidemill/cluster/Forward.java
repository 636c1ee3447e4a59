package dev.tidemill.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A service of the cluster on a port of this machine, by {@code kubectl port-forward}; opened when it is first asked for. */
final class Forward implements AutoCloseable {

    private static final Pattern PORT = Pattern.compile("Forwarding from 127.0.0.1:(\\d+)");

    private final Shell shell;
    private final String namespace;
    private final String service;
    private final int port;
    private @Nullable Process process;
    private String address = "";

    Forward(Shell shell, String namespace, String service, int port) {
        this.shell = shell;
        this.namespace = namespace;
        this.service = service;
        this.port = port;
    }

    /** Host and port. Forwards again when the pod behind it has gone. */
    synchronized String address() {
        if (process != null && process.isAlive()) {
            return address;
        }
        try {
            var builder =
                    new ProcessBuilder("kubectl", "-n", namespace, "port-forward", "service/" + service, ":" + port);
            builder.environment().putAll(shell.environment());
            builder.command().set(0, shell.program("kubectl"));
            var started = builder.redirectErrorStream(true).start();
            var output = new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
            var line = output.readLine();
            var found = PORT.matcher(line == null ? "" : line);
            if (!found.find()) {
                throw new AssertionError("kubectl port-forward: " + line);
            }
            Thread.ofVirtual().start(() -> output.lines().forEach(ignored -> {}));
            process = started;
            address = "127.0.0.1:" + found.group(1);
            return address;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        if (process != null) {
            process.destroy();
            process = null;
        }
    }
}
