package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.tidemill.api.FunctionSpec.EventFormat;
import dev.tidemill.api.Json;
import dev.tidemill.api.TimeSpan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the bridge is told by its environment.
 *
 * @param port where callers come in; 0 for any
 * @param apiPorts where runtimes come in: one each, for each is one process that takes one event at a time; 0 for any
 * @param command starts a runtime; empty where runtimes are containers of their own
 * @param handler for the runtimes that ask for it, may be empty
 * @param timeout the longest that a handler may take, and the longest that a call waits for a free runtime
 * @param payloadLimit bytes of an event or an answer
 */
record Settings(
        int port,
        List<Integer> apiPorts,
        List<String> command,
        String function,
        String handler,
        EventFormat format,
        Duration timeout,
        String region,
        int payloadLimit) {

    /** Lambda's own limit for a synchronous call: 6 MB and what its envelope takes. */
    static final int LAMBDA_PAYLOAD = 6_291_556;

    Settings {
        apiPorts = List.copyOf(apiPorts);
        command = List.copyOf(command);
    }

    /** @throws IllegalArgumentException naming the variable that cannot be read */
    static Settings of(Map<String, String> environment) {
        return new Settings(
                number(environment, "PORT", "8080"),
                apiPorts(environment),
                words(environment.getOrDefault("TIDEMILL_LAMBDA_COMMAND", "[]")),
                environment.getOrDefault(
                        "AWS_LAMBDA_FUNCTION_NAME", environment.getOrDefault("FUNCTION_NAME", "function")),
                environment.getOrDefault("_HANDLER", ""),
                EventFormat.valueOf(environment.getOrDefault("TIDEMILL_LAMBDA_EVENT_FORMAT", "Auto")),
                TimeSpan.parse(environment.getOrDefault("TIDEMILL_LAMBDA_TIMEOUT", "5m"))
                        .duration(),
                environment.getOrDefault("AWS_REGION", "us-east-1"),
                number(environment, "TIDEMILL_LAMBDA_PAYLOAD", Integer.toString(LAMBDA_PAYLOAD)));
    }

    /** As AWS writes it; there is no account. */
    String arn() {
        return "arn:aws:lambda:%s:000000000000:function:%s".formatted(region, function);
    }

    /** By nothing but loops, for these are wanted before classes are loaded for more. */
    static List<Integer> apiPorts(Map<String, String> environment) {
        List<Integer> ports = new ArrayList<>();
        for (String port :
                environment.getOrDefault("TIDEMILL_LAMBDA_API_PORTS", "9001").split(",", -1)) {
            ports.add(integer("TIDEMILL_LAMBDA_API_PORTS", port.strip()));
        }
        return ports;
    }

    private static int number(Map<String, String> environment, String name, String otherwise) {
        return integer(name, environment.getOrDefault(name, otherwise));
    }

    private static int integer(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is \"" + value + "\" and must be a number", e);
        }
    }

    private static List<String> words(String command) {
        try {
            return Json.mapper().readValue(command, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "TIDEMILL_LAMBDA_COMMAND must be a JSON list of words: " + e.getOriginalMessage(), e);
        }
    }
}
