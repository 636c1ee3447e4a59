package dev.tidemill.operator.events;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectClient.ReadOptions;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.Precondition;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events that a function could not be given, kept in the state bucket, {@code <namespace>/_deadletters/<function>/<digest>.json}, until
 * the function takes them after all. Each is one object, so that the same event is one letter however often it is given up.
 */
final class DeadLetters {

    private static final ObjectMapper JSON = Json.mapper();
    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Clock clock;

    DeadLetters(Clock clock) {
        this.clock = clock;
    }

    /**
     * Where letters of one function lie.
     *
     * @param client of the store
     */
    record Box(ObjectClient client, String bucket, String namespace, String function) {

        String prefix() {
            // No Dataset is called so, whose ledgers lie beside.
            return namespace + "/_deadletters/" + function + "/";
        }

        private String key(Event event) {
            try {
                var hash = MessageDigest.getInstance("SHA-256")
                        .digest((event.source() + "\n" + event.id()).getBytes(StandardCharsets.UTF_8));
                return prefix() + HexFormat.of().formatHex(hash, 0, 16) + ".json";
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }
    }

    /**
     * As it is stored; on a laptop a letter has the same form.
     *
     * @param why the function's last answer
     * @param redrive the value of the annotation {@code tidemill.dev/redrive} that it was last sent for, or came under
     */
    record Letter(Instant at, String namespace, String subscription, String why, String redrive, Event event) {}

    /** How many of the letters were taken, and how many are left. */
    record Redriven(int taken, int left) {}

    void keep(Box box, Event event, String why, String redrive) {
        var letter = new Letter(Instant.now(clock), box.namespace, box.function, why, redrive, event);
        box.client.put(box.bucket, box.key(event), Json.bytes(letter), "application/json", Precondition.NONE);
    }

    /**
     * Sends again what has not been sent for this value of the annotation.
     *
     * @param function where its broker delivers
     * @throws IOException when a letter cannot be read
     */
    Redriven redrive(Box box, String redrive, FunctionClient http, URI function, Duration timeout)
            throws IOException, InterruptedException {
        var taken = 0;
        var left = 0;
        @Nullable String after = null;
        for (var last = false; !last; ) {
            var page = box.client.list(box.bucket, box.prefix(), after);
            for (var object : page.objects()) {
                after = object.key();
                var letter = read(box, object);
                if (letter.redrive.equals(redrive)) {
                    left++;
                    continue;
                }
                var refusal = send(http, function, letter.event, timeout);
                if (refusal == null) {
                    box.client.delete(box.bucket, List.of(object.key()));
                    taken++;
                } else {
                    keep(box, letter.event, refusal, redrive);
                    left++;
                }
            }
            last = page.last();
        }
        return new Redriven(taken, left);
    }

    private static Letter read(Box box, ObjectInfo object) throws IOException {
        try (var body = box.client.get(box.bucket, object.key(), ReadOptions.ALL)) {
            return JSON.readValue(body.stream(), Letter.class);
        }
    }

    /** Why it was not taken; null when it was. */
    private static @Nullable String send(FunctionClient http, URI function, Event event, Duration timeout)
            throws InterruptedException {
        for (var attempt = 1; ; attempt++) {
            switch (http.call(function, event, timeout)) {
                case Reply.Result _ -> {
                    return null;
                }
                case Reply.Final(var failure) -> {
                    return failure.message();
                }
                case Reply.TimedOut(var after, var _) -> {
                    return "no answer within " + after;
                }
                case Reply.NoCapacity(var message) -> {
                    return message;
                }
                case Reply.Transient(var _, var message, var _) -> {
                    if (attempt == TRIES) {
                        return message;
                    }
                }
            }
            Thread.sleep(PAUSE.multipliedBy(attempt));
        }
    }
}
