package dev.tidemill.cluster;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/**
 * A user's function, in an image of its own: does its work in a good mood, and fails in a bad one. An event of type {@link #MOOD}
 * says which it is. Each event that it gets is a line of its log.
 */
final class MoodyFunction {

    /** Its data is {@code "good"} or {@code "bad"}. */
    static final String MOOD = "test.mood";

    private static volatile String mood = "good";

    private MoodyFunction() {}

    public static void main(String... args) {
        var port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        Vertx.vertx()
                .createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> answer(request, body)))
                .listen(port)
                .onSuccess(server -> System.out.println("listens"));
    }

    private static void answer(HttpServerRequest request, Buffer body) {
        var type = String.valueOf(request.getHeader("ce-type"));
        if (type.equals(MOOD)) {
            mood = body.toString().replace("\"", "");
        }
        System.out.println(
                line(mood, type, request.getHeader("ce-id")) + " traceparent=" + request.getHeader("ce-traceparent"));
        var answer = request.response();
        if (type.equals("dev.tidemill.shard")) {
            answer.putHeader("ce-specversion", "1.0")
                    .putHeader("ce-id", "answer")
                    .putHeader("ce-source", "moody")
                    .putHeader("Content-Type", "application/json");
            if (mood.equals("bad")) {
                answer.putHeader("ce-type", "dev.tidemill.failure")
                        .end("{\"reason\":\"BadMood\",\"message\":\"not today\"}");
            } else {
                answer.putHeader("ce-type", "test.judgement").end("{\"judgement\":\"fine\"}");
            }
        } else if (mood.equals("bad") && !type.equals(MOOD)) {
            answer.setStatusCode(500).end("not in this mood");
        } else {
            answer.setStatusCode(202).end();
        }
    }

    /** How the log tells of an event. */
    static String line(String mood, String type, String id) {
        return "in a " + mood + " mood: " + type + " " + id;
    }
}
