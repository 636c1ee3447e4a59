package dev.tidemill.dataflow;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.OutputTarget;
import dev.tidemill.api.WrittenData;
import dev.tidemill.dataflow.internal.ledger.CorruptRecordException;
import dev.tidemill.dataflow.internal.ledger.Digests;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.dataflow.internal.shards.Shard;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.Precondition;
import dev.tidemill.store.StoreException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The objects that a derived or generated Dataset shows: {@code <slot>/<part id>.<nonce>…} under its output's prefix. */
final class OutputObjects {

    private final StateFolder folder;
    private final DataFormat.@Nullable Type format;

    OutputObjects(StateFolder folder, DataFormat.@Nullable Type format) {
        this.folder = folder;
        this.format = format;
    }

    /** The part of a shard whose results are objects. */
    record OutputPart(int version, List<ObjectEntry> outputs) {
        static final int VERSION = 1;

        static OutputPart read(StateFolder ledger, String name) {
            String address = ledger.address(name);
            return Json.read(
                    ledger.read(name)
                            .orElseThrow(() -> new CorruptRecordException(address, "was listed and is not there"))
                            .bytes(),
                    OutputPart.class,
                    VERSION,
                    address);
        }
    }

    /** Where a function may write itself; the name is new for each attempt, so that a late one spoils nothing. */
    OutputTarget target(Shard shard, String partId, String nonce, String attempt) {
        return new OutputTarget(folder.bucket(), folder.prefix(), name(shard, partId, nonce) + "." + attempt, format);
    }

    /** Writes a reply's body as the shard's one object. */
    ObjectEntry write(Shard shard, String partId, String nonce, FunctionClient.Reply.Result reply) {
        String name = name(shard, partId, nonce) + extension(reply.contentType());
        String key = folder.prefix() + name;
        try {
            var written =
                    folder.store().put(folder.bucket(), key, reply.body(), reply.contentType(), Precondition.ABSENT);
            return new ObjectEntry(key, written.etag(), written.size(), 0);
        } catch (StoreException.PreconditionFailed e) {
            // Another slice of this plan was faster, or our own first try had arrived: the shard's result is there.
            ObjectInfo there = folder.store()
                    .head(folder.bucket(), key)
                    .orElseThrow(() -> new StoreException.Unavailable(
                            "s3://" + folder.bucket() + "/" + key + " is there and is not there", e));
            return new ObjectEntry(key, there.etag(), there.size(), 0);
        }
    }

    /** What the store says about what a function says. */
    sealed interface Checked {
        record Verified(List<ObjectEntry> objects) implements Checked {}

        record Wrong(Failure failure) implements Checked {}
    }

    /** Checks what a function says it wrote; a failure names the object that is not as it says. */
    Checked verify(OutputTarget target, FunctionClient.Reply.Result reply) {
        WrittenData said;
        try {
            said = Json.parse(reply.body(), WrittenData.class);
        } catch (IllegalArgumentException e) {
            return new Checked.Wrong(
                    Failure.lasting("OutputUnreadable", "the list of written objects is " + e.getMessage()));
        }
        String allowed = target.prefix() + target.name();
        Set<String> seen = new HashSet<>();
        for (WrittenData.Written object : said.objects()) {
            String address = "s3://" + folder.bucket() + "/" + object.key();
            if (!object.key().startsWith(allowed) || !seen.add(object.key())) {
                return new Checked.Wrong(new Failure(
                        "ForeignOutput",
                        "the function says it wrote " + address + "; it may write keys that begin with " + allowed
                                + " (output.prefix and output.name of the request), each once",
                        address,
                        -1,
                        -1,
                        true));
            }
            Optional<ObjectInfo> there = folder.store().head(folder.bucket(), object.key());
            if (there.isEmpty()
                    || there.get().size() != object.size()
                    || !there.get().etag().equals(object.etag())) {
                return new Checked.Wrong(new Failure(
                        "OutputNotFound",
                        "the function says it wrote " + object.size() + " bytes with ETag " + object.etag()
                                + "; the store has "
                                + there.map(Object::toString).orElse("no such object"),
                        address,
                        -1,
                        -1,
                        true));
            }
        }
        return new Checked.Verified(said.objects().stream()
                .map(object -> new ObjectEntry(object.key(), object.etag(), object.size(), 0))
                .toList());
    }

    /** The slot is the hash of the boundary key: a change stays local in what is derived from this Dataset. */
    private static String name(Shard shard, String partId, String nonce) {
        return Digests.hex(shard.slot()).substring(0, 8) + "/" + partId + "." + nonce;
    }

    private static String extension(String contentType) {
        int end = contentType.indexOf(';');
        String plain =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return switch (plain) {
            case "text/csv" -> ".csv";
            case "application/json" -> ".json";
            case "application/x-ndjson", "application/jsonl", "application/x-jsonlines" -> ".jsonl";
            case "application/vnd.apache.parquet" -> ".parquet";
            case "application/x-npy" -> ".npy";
            case "text/plain" -> ".txt";
            case "image/png" -> ".png";
            case "image/jpeg" -> ".jpg";
            default -> "";
        };
    }
}
