package dev.tidemill.functions.gate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * Sends a function the event of a schedule, once, and ends with 0 when it was taken: what a CronJob runs where the cluster serves no
 * PingSource, whose event this is. Whatever else it ends with, the Job tries again, with the same id.
 */
public final class Ring {

    /** Longer than any function may take. */
    private static final Duration PATIENCE = Duration.ofMinutes(11);

    private Ring() {}

    public static void main(String[] args) throws InterruptedException {
        System.exit(ring(System.getenv()) ? 0 : 1);
    }

    /** @param environment {@code RING_URL}, {@code RING_ID}, {@code RING_SOURCE} and {@code RING_DATA} */
    static boolean ring(Map<String, String> environment) throws InterruptedException {
        var function = URI.create(given(environment, "RING_URL"));
        var request = HttpRequest.newBuilder(function)
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("ce-specversion", "1.0")
                .header("ce-type", "dev.knative.sources.ping")
                .header("ce-id", given(environment, "RING_ID"))
                .header("ce-source", given(environment, "RING_SOURCE"))
                .POST(BodyPublishers.ofString(given(environment, "RING_DATA")))
                .build();
        // The path is a secret.
        var whom = function.getHost();
        try (var http = HttpClient.newHttpClient()) {
            var status = http.send(request, BodyHandlers.discarding()).statusCode();
            Log.line("%s answered %d", whom, status);
            return status / 100 == 2;
        } catch (IOException e) {
            Log.line("%s did not answer: %s", whom, e);
            return false;
        }
    }

    private static String given(Map<String, String> environment, String name) {
        return Objects.requireNonNull(environment.get(name), name);
    }
}
