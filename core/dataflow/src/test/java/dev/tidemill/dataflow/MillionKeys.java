package dev.tidemill.dataflow;

import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.Precondition;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A program that takes inventory of a million keys, twice, and prints what it found. Run in a small heap by {@link InventoryMemoryTest}. */
final class MillionKeys {

    private MillionKeys() {}

    public static void main(String[] arguments) throws InterruptedException {
        int keys = Integer.parseInt(arguments[0]);
        MemoryStore memory = new MemoryStore();
        ObjectClient state = memory.client();
        state.createBucket("tidemill");
        for (int revision = 1; revision <= 2; revision++) {
            ObjectClient store = new Listed(state, keys, revision);
            SliceReply reply = new Materializer(store, (url, event, timeout) -> {
                        throw new AssertionError("a source without a profile calls nothing");
                    })
                    .run(request("run-" + revision));
            System.out.println(reply.state() + " " + reply.revision() + " " + reply.objects() + " " + reply.message());
        }
        long segments = memory.contents("tidemill").keySet().stream()
                .filter(key -> key.contains("/segments/"))
                .count();
        System.out.println("segments " + segments);
    }

    private static SliceRequest request(String run) {
        Task task = Task.of(
                        "laptop",
                        new DatasetRef("default", "million", "uid", 1),
                        "tidemill",
                        new Input.Listing("in", "in/", List.of(), List.of()))
                .build();
        return new SliceRequest(
                task, SliceRequest.Turn.full(run, Trace.of(null, new Random(1)), 1, Duration.ofMinutes(10)));
    }

    /** Lists keys that are nowhere; the one in the middle changes with the revision. */
    private record Listed(ObjectClient state, int keys, int revision) implements ObjectClient {

        @Override
        public Page list(String bucket, String prefix, @Nullable String startAfter) {
            if (!bucket.equals("in")) {
                return state.list(bucket, prefix, startAfter);
            }
            int first = startAfter == null ? 0 : Integer.parseInt(startAfter.substring(startAfter.length() - 8)) + 1;
            List<ObjectInfo> page = new ArrayList<>();
            for (int i = first; i < Math.min(keys, first + 1000); i++) {
                String etag = "%032x".formatted(i == keys / 2 ? i * 31L + revision : i * 31L);
                page.add(new ObjectInfo(
                        "in/some/folder/of/usual/depth/part-%08d".formatted(i), etag, 1000 + i, Instant.EPOCH));
            }
            return new Page(page, first + 1000 >= keys);
        }

        @Override
        public Optional<ObjectInfo> head(String bucket, String key) {
            return bucket.equals("in") ? Optional.empty() : state.head(bucket, key);
        }

        @Override
        public ObjectBody get(String bucket, String key, ReadOptions options) {
            return state.get(bucket, key, options);
        }

        @Override
        public URI presign(String bucket, String key, Duration validFor) {
            return state.presign(bucket, key, validFor);
        }

        @Override
        public InputStream open(URI presigned) {
            return state.open(presigned);
        }

        @Override
        public Written put(String bucket, String key, byte[] body, String contentType, Precondition precondition) {
            return state.put(bucket, key, body, contentType, precondition);
        }

        @Override
        public Written put(String bucket, String key, InputStream body, long length, String contentType) {
            return state.put(bucket, key, body, length, contentType);
        }

        @Override
        public void copy(String bucket, String key, String etag, String toBucket, String toKey) {
            state.copy(bucket, key, etag, toBucket, toKey);
        }

        @Override
        public void delete(String bucket, Collection<String> keys) {
            state.delete(bucket, keys);
        }

        @Override
        public boolean bucketExists(String bucket) {
            return state.bucketExists(bucket);
        }

        @Override
        public void createBucket(String bucket) {
            state.createBucket(bucket);
        }

        @Override
        public Instant storeTime() {
            return state.storeTime();
        }

        @Override
        public void close() {}
    }
}
