package dev.tidemill.images;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;

/** What a program does once under the eyes of {@link AotTraining}, and whoever it needs for that. */
interface Lesson extends AutoCloseable {

    /** What it is told. */
    Map<String, String> environment();

    /** What it answers with 200; its address is added. */
    HttpRequest.Builder question();

    @Override
    default void close() {}

    static Lesson of(Deployable deployable) throws IOException {
        return switch (deployable) {
            case DATAFLOW -> new Generating();
            case LAMBDA -> new Handling();
            case GATE -> new Admitting();
            case OPERATOR, MODEL -> throw new IllegalArgumentException(deployable + " is taught nothing");
        };
    }

    static HttpRequest.Builder event(String type, String data) {
        return HttpRequest.newBuilder()
                .header("ce-specversion", "1.0")
                .header("ce-id", "1")
                .header("ce-source", "/images")
                .header("ce-type", type)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(data));
    }

    /** The data path makes an object of two rows. */
    record Generating() implements Lesson {

        private static final String GENERATE = """
                {"generate": {"rows": 4, "columns": [{"name": "x", "distribution": "Sequence"}], "seed": 0, "objects": 2}, "index": 1, "format": "Csv"}""";

        @Override
        public Map<String, String> environment() {
            return Map.of();
        }

        @Override
        public HttpRequest.Builder question() {
            return event("dev.tidemill.generate", GENERATE);
        }
    }
}
