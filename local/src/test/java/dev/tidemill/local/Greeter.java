package dev.tidemill.local;

import java.util.Map;

/** A handler for AWS Lambda, of which a test makes a zip. */
public final class Greeter {

    /** Greets who is named. */
    public Map<String, String> greet(Map<String, String> event) {
        return Map.of("greeting", "hello " + event.get("name"));
    }
}
