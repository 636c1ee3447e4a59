package dev.tidemill.functions.lambda;

import dev.tidemill.api.FunctionSpec.EventFormat;
import dev.tidemill.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A bridge in this process, over real HTTP on both sides. */
final class TestBridge implements AutoCloseable {

    static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    final Bridge bridge;

    private TestBridge(Settings settings, Map<String, String> environment) throws IOException, InterruptedException {
        this(settings, environment, ApiPorts.open(settings.apiPorts()));
    }

    private TestBridge(Settings settings, Map<String, String> environment, List<ServerSocketChannel> apis)
            throws InterruptedException {
        this.bridge = Bridge.start(settings, environment, apis);
    }

    /** At a port that is open already. */
    static TestBridge withoutRuntime(List<ServerSocketChannel> apis) throws InterruptedException {
        return new TestBridge(settings(List.of(), EventFormat.Auto, Duration.ofMinutes(1), 1), Map.of(), apis);
    }

    /** With a runtime that the test plays itself. */
    static TestBridge withoutRuntime(EventFormat format, Duration timeout) throws IOException, InterruptedException {
        return withoutRuntimes(format, timeout, 1);
    }

    static TestBridge withoutRuntimes(EventFormat format, Duration timeout, int processes)
            throws IOException, InterruptedException {
        return new TestBridge(settings(List.of(), format, timeout, processes), Map.of());
    }

    /** With processes of an official client. */
    static TestBridge of(Client client, String handler, Duration timeout, int processes, Path... path)
            throws IOException, InterruptedException {
        List<String> command = client.command(handler);
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("_HANDLER", handler);
        environment.put("AWS_LAMBDA_FUNCTION_NAME", "tested");
        environment.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256");
        environment.put("LAMBDA_TASK_ROOT", client.sources().toString());
        StringBuilder folders = new StringBuilder(client.sources().toString());
        for (Path folder : path) {
            folders.append(':').append(folder.toAbsolutePath());
        }
        environment.put("PYTHONPATH", folders.toString());
        return new TestBridge(settings(command, EventFormat.Auto, timeout, processes), environment);
    }

    private static Settings settings(List<String> command, EventFormat format, Duration timeout, int processes) {
        return new Settings(
                0,
                Collections.nCopies(processes, 0),
                command,
                "tested",
                "",
                format,
                timeout,
                "eu-central-1",
                Settings.LAMBDA_PAYLOAD);
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + bridge.port() + path);
    }

    URI api(String path) {
        return URI.create("http://127.0.0.1:" + bridge.apiPorts().getFirst() + path);
    }

    /** As AWS' SDKs call it. */
    HttpResponse<String> invoke(Object event) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(url("/2015-03-31/functions/tested/invocations"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(event))));
    }

    /** As Knative does. */
    HttpResponse<String> event(String id, String type, String source, Object data)
            throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(url("/"))
                .header("ce-specversion", "1.0")
                .header("ce-id", id)
                .header("ce-type", type)
                .header("ce-source", source)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(data))));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.timeout(Duration.ofMinutes(1)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        bridge.close();
    }
}
