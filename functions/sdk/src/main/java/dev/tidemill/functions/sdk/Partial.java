package dev.tidemill.functions.sdk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Json;
import dev.tidemill.api.Part;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.net.URI;

/** One result among those to be combined; it may be large and lie elsewhere, and is read when it is asked for. */
public final class Partial {

    private final Part part;
    private final ObjectClient store;

    Partial(Part part, ObjectClient store) {
        this.part = part;
        this.store = store;
    }

    /** What the function answered, byte for byte. */
    public byte[] bytes() throws IOException {
        return switch (part) {
            case Part.Body body -> body.bytes();
            case Part.Reference reference -> read(reference.dataref());
        };
    }

    /** @throws RefusedException if it is no JSON */
    public JsonNode json() throws IOException {
        try {
            return Json.mapper().readTree(bytes());
        } catch (JsonProcessingException e) {
            throw new RefusedException("BadRequest", "a part to combine is not JSON: " + e.getOriginalMessage());
        }
    }

    private byte[] read(String dataref) throws IOException {
        try (var body = store.open(URI.create(dataref))) {
            return body.readAllBytes();
        } catch (IllegalArgumentException e) {
            throw new RefusedException("BadRequest", "a dataref is an address to read from, not " + dataref);
        }
    }
}
