package dev.tidemill.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * A client in a pod, {@code Asker URL BODY TIMES PAUSE}: posts, and prints when it asked, and status, time and body of each answer, as a
 * line of JSON; then it rests for so many milliseconds. The variable {@code TOKEN} is its bearer token.
 */
final class Asker {

    private Asker() {}

    public static void main(String... args) throws Exception {
        var builder = HttpRequest.newBuilder(URI.create(args[0]))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(args[1]));
        if (System.getenv("TOKEN") != null) {
            builder.header("Authorization", "Bearer " + System.getenv("TOKEN"));
        }
        var request = builder.build();
        var json = new ObjectMapper();
        // An offer to speak HTTP/2 instead is not something that every ingress understands.
        try (var http = HttpClient.newBuilder().version(Version.HTTP_1_1).build()) {
            for (var time = 0; time < Integer.parseInt(args[2]); time++) {
                var began = Instant.now();
                var answer = http.send(request, BodyHandlers.ofString());
                var millis = Duration.between(began, Instant.now()).toMillis();
                System.out.println(json.writeValueAsString(Map.of(
                        "began",
                        began.toString(),
                        "status",
                        answer.statusCode(),
                        "millis",
                        millis,
                        "body",
                        answer.body())));
                Thread.sleep(Long.parseLong(args[3]));
            }
        }
    }
}
