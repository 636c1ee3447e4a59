package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Part;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;

/** The profiler as the materializer meets it, without HTTP. */
record ProfileFunction(ObjectClient store) implements FunctionClient {

    @Override
    public Reply call(URI function, Event event, Duration timeout) {
        try {
            JsonNode data = Json.MAPPER.readTree(event.data());
            Profile whole = Profile.empty();
            if (data.has("parts")) {
                for (JsonNode part : data.get("parts")) {
                    if (Part.of(part) instanceof Part.Body(String _, byte[] bytes)) {
                        whole = whole.merge(Profile.fromBytes(bytes));
                    }
                }
            } else {
                JsonNode binding = data.get("function_data").elements().next();
                for (JsonNode object : binding.get("objects")) {
                    try (var body = store.get(
                            binding.get("bucket").asText(), object.get("key").asText(), ObjectClient.ReadOptions.ALL)) {
                        whole = whole.merge(new Profiler()
                                .profileRecords(
                                        ByteSource.of(
                                                object.get("key").asText(),
                                                body.stream().readAllBytes()),
                                        new Format.Auto(),
                                        object.get("offset").asLong(),
                                        object.get("length").asLong()));
                    }
                }
            }
            return new Reply.Result(null, Profile.CONTENT_TYPE, whole.toBytes());
        } catch (FormatException e) {
            return new Reply.Final(new Failure("BadFormat", String.valueOf(e.getMessage()), null, 2, -1, true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
