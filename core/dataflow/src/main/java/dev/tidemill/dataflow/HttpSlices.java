package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Sends slices to materializers over HTTP, as events of type {@code dev.tidemill.dataset.materialize}. */
public final class HttpSlices implements Slices {

    private static final ObjectMapper JSON = Json.mapper();

    private static final String ENVOY = "upstream connect error or disconnect/reset before headers";
    private static final Pattern NEVER_CONNECTED =
            Pattern.compile(Pattern.quote(ENVOY) + "\\. reset reason: (remote )?connection failure");

    private final FunctionClient client;
    private final Function<DatasetRef, URI> materializers;

    /** @param materializers where the materializer for a Dataset is, which on a cluster is its namespace's own */
    public HttpSlices(FunctionClient client, Function<DatasetRef, URI> materializers) {
        this.client = client;
        this.materializers = materializers;
    }

    @Override
    public Outcome send(SliceRequest request, Duration patience) throws InterruptedException {
        DatasetRef dataset = request.task().dataset();
        String id = UUID.randomUUID().toString();
        var event = new Event(
                id,
                EventTypes.datasetSource(dataset.namespace(), dataset.name()),
                EventTypes.DATASET_MATERIALIZE,
                dataset.name(),
                "application/json",
                Map.of(EventExtensions.TRACE_PARENT, request.turn().trace().parent(id)),
                Json.bytes(request));
        return switch (client.call(materializers.apply(dataset), event, patience)) {
            case Reply.Result result -> read(result);
            case Reply.Final(Failure failure) -> new Outcome.NotStarted(failure.message());
            case Reply.NoCapacity(String message) -> new Outcome.NotStarted(message);
            case Reply.Transient(int status, String message, Instant _) ->
                surelyNotBegun(status, message) ? new Outcome.NotStarted(message) : new Outcome.Lost(message);
            case Reply.TimedOut(Duration after, CompletionStage<Void> _) ->
                new Outcome.Lost("the materializer did not answer within " + after.toSeconds() + " s");
        };
    }

    /**
     * No connection, or a word of what stands before the materializer: it refused the request or had nobody to give it to. A proxy's
     * 502 or 503 counts only where it says that it got no connection itself, for then no byte of the request was handed on.
     */
    private static boolean surelyNotBegun(int status, String message) {
        return switch (status) {
            case 0 -> true;
            // Knative's activator and queue-proxy, in the words of Go's dialler; any other error came after the
            // request.
            case 502 -> message.contains("dial tcp");
            // Envoy says 503 also when a connection broke off that had taken the request, or after it had tried twice.
            case 503 ->
                !message.contains(ENVOY) || NEVER_CONNECTED.matcher(message).find();
            default -> status / 100 == 3 || status / 100 == 4;
        };
    }

    private static Outcome read(Reply.Result result) {
        try {
            return new Outcome.Replied(JSON.readValue(result.body(), SliceReply.class));
        } catch (IOException e) {
            return new Outcome.Lost("the materializer's reply cannot be read: " + e.getMessage());
        }
    }
}
