package dev.tidemill.local;

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

    /** Empty while nothing is known; a picture of progress is not worth an error. */
    Optional<RunState> of(Graph.Id dataset) {
        String key = dataset.namespace() + "/" + dataset.name() + "/run.json";
        try (var body = store.get(stateBucket, key, ObjectClient.ReadOptions.ALL)) {
            return Optional.of(JSON.readValue(body.stream(), RunState.class));
        } catch (StoreException | IOException _) {
            return Optional.empty();
        }
    }
}
