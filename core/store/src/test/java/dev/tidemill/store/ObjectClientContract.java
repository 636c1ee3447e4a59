package dev.tidemill.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.store.ObjectClient.ObjectBody;
import dev.tidemill.store.ObjectClient.Page;
import dev.tidemill.store.ObjectClient.ReadOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What {@link ObjectClient} promises, whatever store is behind it. Subclasses bring the client, open for all tests. */
public abstract class ObjectClientContract {

    private static final ReadOptions ALL = ReadOptions.ALL;

    private ObjectClient store;
    private String bucket;

    /** A client of an otherwise empty store. */
    protected abstract ObjectClient client();

    /** Rounds of the race probe. */
    protected int probeRounds() {
        return 40;
    }

    @BeforeEach
    void openBucket(TestInfo test) {
        store = client();
        bucket = "contract-" + Integer.toHexString(test.getDisplayName().hashCode()) + "-"
                + Long.toHexString(System.nanoTime());
        store.createBucket(bucket);
        store.createBucket(bucket);
        assertThat(store.bucketExists(bucket)).isTrue();
    }

    @Test
    void listsInTheOrderOfUtf8BytesAndGoesOnAfterAnyKey() {
        List<String> keys = Stream.of(
                        "a-b",
                        "a.b",
                        "a/b",
                        "a/c/d",
                        "a0",
                        "A",
                        "aa/b",
                        "b c",
                        "b+c",
                        "b%20c",
                        "b&c",
                        "b<c>",
                        "b\"c'",
                        "é",
                        "e\u0301",
                        "z\u00ff",
                        "\uac00",
                        "\uf8ff",
                        "\ufffd",
                        "\ud83d\ude00",
                        "\ud83d\ude00\ud83d\ude00",
                        "dir/.hidden",
                        "dir/=x",
                        "#?;:@,$",
                        "0",
                        "10",
                        "9")
                .sorted(KeyOrder.UTF8)
                .toList();
        keys.forEach(key -> put(key, key));

        List<String> listed = keys(store.list(bucket, "", null));

        assertThat(listed).isEqualTo(keys);
        for (int i = 0; i < keys.size(); i++) {
            assertThat(keys(store.list(bucket, "", keys.get(i))))
                    .as("after %s", keys.get(i))
                    .isEqualTo(keys.subList(i + 1, keys.size()));
            assertThat(read(keys.get(i), ALL)).isEqualTo(keys.get(i));
        }
        assertThat(keys(store.list(bucket, "a", null))).containsExactly("a-b", "a.b", "a/b", "a/c/d", "a0", "aa/b");
        assertThat(keys(store.list(bucket, "a/", null))).containsExactly("a/b", "a/c/d");
        assertThat(keys(store.list(bucket, "a/c", "a/c"))).containsExactly("a/c/d");
        assertThat(keys(store.list(bucket, "a", "a/a"))).containsExactly("a/b", "a/c/d", "a0", "aa/b");
        assertThat(keys(store.list(bucket, "b+", null))).containsExactly("b+c");
        assertThat(keys(store.list(bucket, "no/such/prefix", null))).isEmpty();
        assertThat(keys(store.list(bucket, "a/", "zzz"))).isEmpty();
    }

    @Test
    void pagesHoldAThousandKeysAndDeletionTakesAny() throws Exception {
        List<String> keys =
                IntStream.range(0, 2_103).mapToObj("many/%05d"::formatted).toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> puts = new ArrayList<>();
            keys.forEach(key -> puts.add(threads.submit(() -> put(key, key))));
            for (Future<?> put : puts) {
                put.get();
            }
        }
        List<String> listed = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        Page page;
        do {
            page = store.list(bucket, "many/", listed.isEmpty() ? null : listed.getLast());
            listed.addAll(keys(page));
            sizes.add(page.objects().size());
        } while (!page.last());

        assertThat(listed).isEqualTo(keys);
        assertThat(sizes).containsExactly(1000, 1000, 103);

        List<String> gone = new ArrayList<>(keys);
        gone.add("many/never-there");
        store.delete(bucket, gone);
        store.delete(bucket, List.of());
        assertThat(store.list(bucket, "", null)).isEqualTo(new Page(List.of(), true));
    }

    @Test
    void tellsTheSameOfAnObjectHoweverItIsAsked() {
        String etag = put("dir/object", "some bytes");

        ObjectInfo listed = store.list(bucket, "", null).objects().getFirst();

        assertThat(listed.etag()).isEqualTo(etag).doesNotContain("\"");
        assertThat(listed.size()).isEqualTo(10);
        assertThat(store.head(bucket, "dir/object")).contains(listed);
        try (ObjectBody body = store.get(bucket, "dir/object", new ReadOptions(3, 2, etag))) {
            assertThat(body.info()).isEqualTo(listed);
        }
        assertThat(store.storeTime())
                .isBetween(
                        listed.lastModified().minusSeconds(60),
                        listed.lastModified().plusSeconds(60));
    }

    @Test
    void readsRangesOfTheVersionAskedFor() {
        String etag = put("object", "0123456789");

        assertThat(read("object", new ReadOptions(0, 4, null))).isEqualTo("0123");
        assertThat(read("object", new ReadOptions(3, 4, etag))).isEqualTo("3456");
        assertThat(read("object", new ReadOptions(7, -1, etag))).isEqualTo("789");
        assertThat(read("object", new ReadOptions(7, 100, etag))).isEqualTo("789");
        assertThat(read("object", new ReadOptions(7, 0, etag))).isEmpty();
        put("object", "another version");
        assertThatThrownBy(() -> read("object", new ReadOptions(3, 4, etag)))
                .isInstanceOf(StoreException.PreconditionFailed.class);
        assertThatThrownBy(() -> read("object", new ReadOptions(0, 0, etag)))
                .isInstanceOf(StoreException.PreconditionFailed.class);
        assertThatThrownBy(() -> read("object", new ReadOptions(100, 1, null)))
                .isInstanceOf(StoreException.Refused.class);
    }

    @Test
    void aPresignedAddressOpensItsObjectAndNoOtherWithoutCredentials() throws Exception {
        put("of all/ö+1.txt", "some bytes");
        put("of all/ö+2.txt", "other bytes");

        URI address = store.presign(bucket, "of all/ö+1.txt", Duration.ofMinutes(1));

        try (var body = store.open(address)) {
            assertThat(body).hasContent("some bytes");
        }
        if (address.getScheme().startsWith("http")) {
            URI other = URI.create(address.toString().replace("%2B1.txt", "%2B2.txt"));
            assertThat(other).isNotEqualTo(address);
            assertThatThrownBy(() -> store.open(other)).isInstanceOf(StoreException.AccessDenied.class);
        }
    }

    @Test
    void keepsEmptyAndLongObjects() throws IOException {
        put("empty", "");
        byte[] bytes = new byte[33_000_001];
        new Random(7).nextBytes(bytes);

        store.put(bucket, "long", new ByteArrayInputStream(bytes), bytes.length, "application/octet-stream");

        assertThat(read("empty", ALL)).isEmpty();
        assertThat(store.head(bucket, "empty"))
                .hasValueSatisfying(info -> assertThat(info.size()).isZero());
        try (ObjectBody body = store.get(bucket, "long", ALL)) {
            assertThat(body.info().size()).isEqualTo(bytes.length);
            assertThat(body.stream().readAllBytes()).isEqualTo(bytes);
        }
        assertThat(keys(store.list(bucket, "", null))).containsExactly("empty", "long");
    }

    @Test
    void copiesTheVersionAskedForAndNoOther() throws IOException {
        for (int size : new int[] {0, 5, (16 << 20) + 3}) {
            byte[] body = new byte[size];
            new Random(size).nextBytes(body);
            String key = "from/é+ b-" + size;
            String etag = store.put(bucket, key, new ByteArrayInputStream(body), size, "application/x-it")
                    .etag();
            store.copy(bucket, key, etag, bucket, "to/" + size);
            store.put(bucket, key, "another".getBytes(UTF_8), "text/plain", Precondition.NONE);
            try (ObjectBody copy = store.get(bucket, "to/" + size, ALL)) {
                assertThat(copy.stream().readAllBytes()).isEqualTo(body);
            }
            assertThatThrownBy(() -> store.copy(bucket, key, etag, bucket, "to/" + size))
                    .isInstanceOf(StoreException.PreconditionFailed.class);
        }
        assertThatThrownBy(() -> store.copy(bucket, "none", "e", bucket, "to/none"))
                .isInstanceOf(StoreException.NoSuchKey.class);
    }

    @Test
    void writesOnlyWhereThePreconditionHolds() {
        String first = put("key", "first", Precondition.ABSENT);

        assertThatThrownBy(() -> put("key", "second", Precondition.ABSENT))
                .isInstanceOf(StoreException.PreconditionFailed.class);
        String second = put("key", "second", new Precondition.Match(first));
        assertThatThrownBy(() -> put("key", "third", new Precondition.Match(first)))
                .isInstanceOf(StoreException.PreconditionFailed.class);
        assertThatThrownBy(() -> put("other", "first", new Precondition.Match(second)))
                .isInstanceOf(StoreException.PreconditionFailed.class);

        assertThat(second).isNotEqualTo(first);
        assertThat(read("key", ALL)).isEqualTo("second");
        assertThat(store.head(bucket, "other")).isEmpty();
        store.delete(bucket, List.of("key"));
        put("key", "again", Precondition.ABSENT);
        assertThat(read("key", ALL)).isEqualTo("again");
    }

    @Test
    void letsExactlyOneOfManyWritersWin() throws InterruptedException {
        StoreProbe.Result result = new StoreProbe(store, bucket, "race/", probeRounds()).run();

        assertThat(result.complaint()).isEmpty();
        assertThat(result.canCommit()).isTrue();
        assertThat(store.list(bucket, "", null).objects()).isEmpty();
    }

    @Test
    void namesWhatIsNotThere() {
        assertThat(store.head(bucket, "no/such/key")).isEmpty();
        assertThatThrownBy(() -> read("no/such/key", ALL))
                .isInstanceOf(StoreException.NoSuchKey.class)
                .hasMessageContaining("s3://" + bucket + "/no/such/key");
        assertThat(store.bucketExists("no-such-bucket")).isFalse();
        assertThatThrownBy(() -> store.list("no-such-bucket", "", null))
                .isInstanceOf(StoreException.NoSuchBucket.class)
                .hasMessageContaining("bucket \"no-such-bucket\" does not exist")
                .hasMessageContaining("create it");
        assertThatThrownBy(() -> store.get("no-such-bucket", "key", ALL))
                .isInstanceOf(StoreException.NoSuchBucket.class);
        assertThatThrownBy(() -> store.put("no-such-bucket", "key", new byte[1], "text/plain", Precondition.NONE))
                .isInstanceOf(StoreException.NoSuchBucket.class);
        assertThatThrownBy(() -> store.delete("no-such-bucket", List.of("key")))
                .isInstanceOf(StoreException.NoSuchBucket.class);
    }

    private String put(String key, String body) {
        return put(key, body, Precondition.NONE);
    }

    private String put(String key, String body, Precondition precondition) {
        return store.put(bucket, key, body.getBytes(UTF_8), "text/plain", precondition)
                .etag();
    }

    private String read(String key, ReadOptions options) {
        try (ObjectBody body = store.get(bucket, key, options)) {
            return new String(body.stream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> keys(Page page) {
        return page.objects().stream().map(ObjectInfo::key).toList();
    }
}
