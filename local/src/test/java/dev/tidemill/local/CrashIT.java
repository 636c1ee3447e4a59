package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.local.broker.Broker;
import dev.tidemill.local.broker.Subscription;
import dev.tidemill.local.process.FunctionProcess;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events to a handler whose process crashes at every hundredth: none is lost, none is both taken and dead. {@code
 * -Dcrash.events=10000} is the whole of the promise; the suite sends fewer.
 */
class CrashIT {

    private static final int EVENTS = Integer.getInteger("crash.events", 1000);
    private static final int AT_ONCE = 8;
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    @BeforeAll
    static void installed() throws Exception {
        Python.install();
    }

    @Test
    void everyEventIsTakenOrLiesInTheDeadLettersAndOneInAThousandAtMostDoes() throws Exception {
        Files.writeString(dir.resolve("crashing.py"), """
                import os, random

                def handler(event, context):
                    if random.random() < 0.01:
                        open("crashed", "a").write("x")
                        os._exit(1)
                    return {"id": event["id"]}
                """);
        Set<String> taken = ConcurrentHashMap.newKeySet();
        Set<String> dead = ConcurrentHashMap.newKeySet();
        try (HttpFunctionClient http = new HttpFunctionClient();
                FunctionProcess bridge = new FunctionProcess(bridge());
                Broker broker = new Broker(
                        atMost(AT_ONCE, http),
                        letter -> dead.add(letter.event().id()),
                        (_, reply) -> taken.add(id(reply.body())))) {
            bridge.start();
            broker.subscribe(new Subscription(
                    "crashing",
                    "default",
                    "default",
                    Map.of("source", "/test"),
                    List.of(),
                    Map.of(),
                    () -> bridge.url("/"),
                    Duration.ofMinutes(2)));
            for (int i = 0; i < EVENTS; i++) {
                byte[] data = Json.bytes(Map.of("id", "e" + i));
                broker.publish(
                        "default",
                        "default",
                        new Event("e" + i, "/test", "t", null, "application/json", Map.of(), data));
            }
            broker.awaitIdle();
        }
        Set<String> sent = IntStream.range(0, EVENTS).mapToObj(i -> "e" + i).collect(Collectors.toSet());
        long crashes = Files.exists(dir.resolve("crashed")) ? Files.size(dir.resolve("crashed")) : 0;
        System.out.printf("%d events, %d crashes, %d dead%n", EVENTS, crashes, dead.size());
        assertThat(dead).noneMatch(taken::contains);
        taken.addAll(dead);
        assertThat(taken).isEqualTo(sent);
        assertThat(dead.size()).isLessThanOrEqualTo(EVENTS / 1000);
        assertThat(crashes).as("it did crash").isPositive();
    }

    private FunctionProcess.Program bridge() {
        Path app = HOME.resolve("functions/lambda/target");
        return new FunctionProcess.Program(
                "crashing",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        app.resolve("tidemill-lambda.jar") + ":" + app.resolve("lib") + "/*",
                        "dev.tidemill.functions.lambda.Main"),
                Map.of(
                        "TIDEMILL_LAMBDA_COMMAND",
                        Json.text(List.of(Python.executable(), "-u", "-m", "awslambdaric", "crashing.handler")),
                        "TIDEMILL_LAMBDA_API_PORTS",
                        "0,0,0,0,0,0,0,0"),
                dir,
                dir.resolve("log"));
    }

    private static FunctionClient atMost(int calls, FunctionClient client) {
        Semaphore permits = new Semaphore(calls);
        return (function, event, timeout) -> {
            permits.acquire();
            try {
                return client.call(function, event, timeout);
            } finally {
                permits.release();
            }
        };
    }

    private static String id(byte[] body) {
        try {
            return JSON.readTree(body).path("id").asText();
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
