package dev.tidemill.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.RunState;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.util.Optional;

/** Where runs stand, read from their {@code run.json}: a slice tells nothing before its end. */
record Progress(ObjectClient store, String stateBucket) {

    private static final ObjectMapper JSON = Json.mapper();

    /** The revision that is committed, 0 before the first. */
    long revision(Graph.Id dataset) {
        return read(dataset, "current.json", JsonNode.class)
                .map(current -> current.path("revision").asLong())
                .orElse(0L);
    }

    /** Empty while nothing is known; a picture of progress is not worth an error. */
    Optional<RunState> of(Graph.Id dataset) {
        return read(dataset, "run.json", RunState.class);
    }

    private <T> Optional<T> read(Graph.Id dataset, String name, Class<T> type) {
        String key = dataset.namespace() + "/" + dataset.name() + "/" + name;
        try (var body = store.get(stateBucket, key, ObjectClient.ReadOptions.ALL)) {
            return Optional.of(JSON.readValue(body.stream(), type));
        } catch (StoreException | IOException _) {
            return Optional.empty();
        }
    }
}
