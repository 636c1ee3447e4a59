package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import java.io.IOException;
import java.util.Locale;

/** Looks at what a runtime posted as the handler's result. */
final class Results {

    private static final ObjectMapper JSON = Json.mapper();

    private Results() {}

    /** A result, unless it is said to be JSON and is not. Runtimes of one's own post by curl, whose default type means nothing. */
    static Outcome checked(String contentType, byte[] body) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        boolean form = type.equals("application/x-www-form-urlencoded");
        if (!form && !type.isEmpty() && !type.equals("application/json") && !type.endsWith("+json")) {
            return new Outcome.Result(contentType, body);
        }
        String wrong = problem(body);
        return wrong == null
                ? new Outcome.Result(
                        Responses.JSON,
                        body.length == 0 ? "null".getBytes(java.nio.charset.StandardCharsets.UTF_8) : body)
                : Outcome.Failed.of(
                        Outcome.Kind.HANDLER, "Runtime.InvalidResponse", "the handler's answer is not JSON: " + wrong);
    }

    private static @org.jspecify.annotations.Nullable String problem(byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            int depth = 0;
            int values = 0;
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                values += depth == 0 ? 1 : 0;
            }
            return values <= 1 ? null : "there are " + values + " values, not one";
        } catch (IOException e) {
            return e instanceof com.fasterxml.jackson.core.JsonProcessingException json
                    ? json.getOriginalMessage()
                    : e.getMessage();
        }
    }
}
