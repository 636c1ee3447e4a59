package dev.tidemill.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;

/** The bridge gives an event to a runtime, which is played here, and its answer back. */
final class Handling implements Lesson {

    private final int port = AotTraining.freePort();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Thread runtime = Thread.ofVirtual().unstarted(this::answer);

    Handling() throws IOException {}

    @Override
    public Map<String, String> environment() {
        return Map.of("TIDEMILL_LAMBDA_API_PORTS", Integer.toString(port));
    }

    @Override
    public List<HttpRequest> questions(URI program) {
        runtime.start();
        return List.of(Lesson.event(program, "dev.tidemill.images", "{}"));
    }

    private void answer() {
        try {
            var request = next().headers().firstValue("Lambda-Runtime-Aws-Request-Id");
            var response = HttpRequest.newBuilder(api(request.orElseThrow() + "/response"))
                    .POST(BodyPublishers.ofString("{}"));
            http.send(response.build(), BodyHandlers.discarding());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<Void> next() throws IOException, InterruptedException {
        while (true) {
            try {
                return http.send(HttpRequest.newBuilder(api("next")).build(), BodyHandlers.discarding());
            } catch (ConnectException e) {
                Thread.sleep(20);
            }
        }
    }

    private URI api(String path) {
        return URI.create("http://127.0.0.1:" + port + "/2018-06-01/runtime/invocation/" + path);
    }

    @Override
    public void close() {
        runtime.interrupt();
        http.shutdownNow();
    }
}
