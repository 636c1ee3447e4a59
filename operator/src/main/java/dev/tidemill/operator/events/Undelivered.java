package dev.tidemill.operator.events;

import dev.tidemill.dataflow.FunctionClient.Event;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An event that comes to a dead letter sink.
 *
 * @param event as it was sent
 * @param why the last answer, which Knative tells by three extensions
 */
record Undelivered(Event event, String why) {

    private static final String CODE = "knativeerrorcode";
    private static final String DATA = "knativeerrordata";
    private static final String DESTINATION = "knativeerrordest";

    static Undelivered of(Event event) {
        var extensions = new TreeMap<>(event.extensions());
        var code = extensions.remove(CODE);
        var said = decoded(Objects.requireNonNullElse(extensions.remove(DATA), ""));
        extensions.remove(DESTINATION);
        return new Undelivered(
                event.with(extensions),
                "it answered " + Objects.requireNonNullElse(code, "nothing") + (said.isBlank() ? "" : ": " + said));
    }

    /** In Base64 by Knative's own channels, cut at 1,024 characters; brokers of others may send it as it is. */
    private static String decoded(String data) {
        try {
            return new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return data;
        }
    }
}
