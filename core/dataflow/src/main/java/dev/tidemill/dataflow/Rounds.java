package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.dataflow.internal.ledger.CorruptRecordException;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.PartEntry;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where a computation in rounds stands, which the ledger alone knows: each round is a revision, and its result is what the next one is
 * given, until the function says that it is {@code done}. A round's state is part of its fingerprint, so that a slice that takes over
 * in the middle of one finds the parts that are finished, and no others.
 */
final class Rounds {

    private final SliceContext slice;
    private final Fingerprints fingerprints;
    private final String spec;
    private @Nullable String commit;
    private @Nullable JsonNode known;

    Rounds(SliceContext slice, Fingerprints fingerprints, String spec) {
        this.slice = slice;
        this.fingerprints = fingerprints;
        this.spec = spec;
    }

    static boolean done(JsonNode result) {
        return result.path("done").asBoolean();
    }

    /** What the round to come is given: null for the first one. */
    @Nullable
    JsonNode state(@Nullable Manifest base) {
        JsonNode last = last(base);
        return last == null || done(last) ? null : last;
    }

    /** What the last round came to, or null where that was another computation, or none. */
    @Nullable
    JsonNode last(@Nullable Manifest base) {
        if (base == null || !base.commit().equals(commit)) {
            known = base == null ? null : read(base);
            commit = base == null ? null : base.commit();
        }
        return known;
    }

    private @Nullable JsonNode read(Manifest base) {
        Manifest.StageRecord stage = base.data();
        PartEntry result = stage == null ? null : stage.result();
        FunctionTarget function = slice.task().function();
        FunctionTarget combine = slice.task().combine();
        if (stage == null
                || result == null
                || function == null
                || combine == null
                || !base.spec().equals(spec)) {
            return null;
        }
        String context =
                fingerprints.round(function, combine, base.inputBucket(), null).context();
        if (!context.equals(stage.fingerprint().context())) {
            return null;
        }
        String address = slice.folder().address(result.name());
        byte[] bytes = slice.folder()
                .read(result.name())
                .orElseThrow(() -> new CorruptRecordException(address, "is committed and is not there"))
                .bytes();
        try {
            return Json.MAPPER.readTree(bytes);
        } catch (IOException e) {
            throw new CorruptRecordException(address, "is not readable JSON: " + e.getMessage());
        }
    }
}
