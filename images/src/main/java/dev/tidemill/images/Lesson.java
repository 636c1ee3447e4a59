package dev.tidemill.images;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a program does once under the eyes of {@link AotTraining}, and whoever it needs for that. */
interface Lesson extends AutoCloseable {

    /** What it is told. */
    Map<String, String> environment();

    /**
     * What it answers with 200, one after the other.
     *
     * @param program where it listens
     */
    List<HttpRequest> questions(URI program);

    @Override
    default void close() {}

    /**
     * The lesson of a program.
     *
     * @param root of the project
     * @param layout of the image
     */
    static Lesson of(Deployable deployable, Path root, Path layout) throws IOException {
        return switch (deployable) {
            case DATAFLOW -> new Generating();
            case LAMBDA -> new Handling();
            case GATE -> new Admitting();
            case MODEL -> new Inferring(root.resolve("functions/model/src/test/models/digits.pt"), layout);
            case OPERATOR -> throw new IllegalArgumentException(deployable + " is taught nothing");
        };
    }

    static HttpRequest event(URI program, String type, String data) {
        return HttpRequest.newBuilder(program)
                .header("ce-specversion", "1.0")
                .header("ce-id", "1")
                .header("ce-source", "/images")
                .header("ce-type", type)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(data))
                .build();
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
        public List<HttpRequest> questions(URI program) {
            return List.of(event(program, "dev.tidemill.generate", GENERATE));
        }
    }
}
