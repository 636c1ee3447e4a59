package dev.tidemill.local.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.store.Credentials;
import dev.tidemill.store.FaultyEndpoint;
import dev.tidemill.store.FaultyEndpoint.Answer;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectClient.Page;
import dev.tidemill.store.ObjectClient.ReadOptions;
import dev.tidemill.store.ObjectClientContract;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.Precondition;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.StoreException;
import dev.tidemill.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedS3Test extends ObjectClientContract {

    @TempDir
    static Path directory;

    private static EmbeddedS3 s3;
    private static ObjectClient client;

    @BeforeAll
    static void start() throws IOException {
        s3 = EmbeddedS3.start(directory, 0);
        client = Stores.connect(s3.config());
    }

    @AfterAll
    static void stop() {
        client.close();
        s3.close();
    }

    @Override
    protected ObjectClient client() {
        return client;
    }

    @Override
    protected int probeRounds() {
        return 150;
    }

    @Test
    void showsWhatAUserDoesToTheFiles() throws IOException {
        Path bucket = Files.createDirectories(directory.resolve("by-hand/table"));
        Files.writeString(bucket.resolve("table 1.csv"), "a,b\n1,2\n");
        Files.createDirectories(bucket.resolve("empty"));

        ObjectInfo copied = only(client.list("by-hand", "", null));
        assertThat(copied.key()).isEqualTo("table/table 1.csv");
        assertThat(copied.size()).isEqualTo(8);
        assertThat(client.head("by-hand", copied.key())).contains(copied);

        Files.writeString(bucket.resolve("table 1.csv"), "a,b\n1,3\n");
        Files.setLastModifiedTime(bucket.resolve("table 1.csv"), FileTime.from(Instant.parse("2026-02-03T04:05:06Z")));
        ObjectInfo edited = only(client.list("by-hand", "", null));
        assertThat(edited.etag()).isNotEqualTo(copied.etag());
        assertThat(edited.lastModified()).isEqualTo("2026-02-03T04:05:06Z");

        Files.move(bucket.resolve("table 1.csv"), bucket.resolve("renamed.csv"));
        assertThat(only(client.list("by-hand", "table/", null)).key()).isEqualTo("table/renamed.csv");
        Files.delete(bucket.resolve("renamed.csv"));
        assertThat(client.list("by-hand", "", null)).isEqualTo(new Page(List.of(), true));
    }

    @Test
    void keepsCredentialsAndETagsOverARestart(@TempDir Path kept) throws IOException {
        Credentials credentials;
        List<ObjectInfo> before;
        try (EmbeddedS3 first = EmbeddedS3.start(kept, 0);
                ObjectClient store = Stores.connect(first.config())) {
            credentials = first.credentials();
            store.createBucket("lake");
            store.put("lake", "a/b", "c".getBytes(UTF_8), "text/plain", Precondition.NONE);
            before = store.list("lake", "", null).objects();
            assertThatThrownBy(() -> EmbeddedS3.start(kept, 0))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another S3 endpoint serves " + kept);
        }
        try (EmbeddedS3 second = EmbeddedS3.start(kept, 0);
                ObjectClient store = Stores.connect(second.config())) {
            assertThat(second.credentials()).isEqualTo(credentials);
            assertThat(store.list("lake", "", null).objects()).isEqualTo(before);
        }
    }

    @Test
    void refusesWrongCredentialsAndSaysWhatToDo() {
        Credentials right = s3.credentials();
        try (ObjectClient wrongSecret =
                        Stores.connect(s3.config().withCredentials(() -> new Credentials(right.accessKey(), "wrong")));
                ObjectClient wrongKey =
                        Stores.connect(s3.config().withCredentials(() -> new Credentials("nobody", "wrong")))) {
            assertThatThrownBy(() -> wrongSecret.list("any", "p/", null))
                    .isInstanceOf(StoreException.AccessDenied.class)
                    .hasMessageContaining("s3://any/p/")
                    .hasMessageContaining("AWS_SECRET_ACCESS_KEY");
            assertThatThrownBy(() -> wrongKey.get("any", "key", ReadOptions.ALL))
                    .isInstanceOf(StoreException.AccessDenied.class)
                    .hasMessageContaining("AWS_ACCESS_KEY_ID");
        }
    }

    @Test
    void leavesALostReplyOfAConditionalWriteToItsCaller() throws IOException {
        client.createBucket("lost");
        try (FaultyEndpoint lossy = new FaultyEndpoint(r -> new Answer.ForwardAndCut(s3.endpoint()));
                FaultyEndpoint fine = new FaultyEndpoint(r -> new Answer.Forward(s3.endpoint()));
                ObjectClient losing = Stores.connect(StoreConfig.of(lossy.uri(), s3.credentials()));
                ObjectClient seeing = Stores.connect(StoreConfig.of(fine.uri(), s3.credentials()))) {
            assertThatThrownBy(() -> losing.put("lost", "k", new byte[1], "text/plain", Precondition.ABSENT))
                    .isInstanceOf(StoreException.Unavailable.class);

            assertThat(lossy.requests()).hasSize(1);
            assertThat(seeing.head("lost", "k")).isPresent();
            assertThatThrownBy(() -> seeing.put("lost", "k", new byte[1], "text/plain", Precondition.ABSENT))
                    .isInstanceOf(StoreException.PreconditionFailed.class);
        }
    }

    @Test
    void refusesAnObjectThatWouldBeAFolder() {
        client.createBucket("clash");
        client.put("clash", "a", new byte[1], "text/plain", Precondition.NONE);

        assertThatThrownBy(() -> client.put("clash", "a/b", new byte[1], "text/plain", Precondition.NONE))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("both an object and a folder");
    }

    @Test
    void keepsKeysThatNoFileCanBeNamed() {
        client.createBucket("odd");
        List<String> keys = List.of(".~x/y", "/slash first", "a//b", "folder/", "tab\there");
        keys.forEach(key -> client.put("odd", key, key.getBytes(UTF_8), "text/plain", Precondition.ABSENT));

        assertThat(client.list("odd", "", null).objects())
                .extracting(ObjectInfo::key)
                .containsExactlyElementsOf(keys);
        client.delete("odd", keys);
        assertThat(client.list("odd", "", null).objects()).isEmpty();
    }

    @Test
    void pagesThroughAnyTreeAsOneSortedListing() throws IOException {
        client.createBucket("tree");
        List<String> keys = new ArrayList<>();
        for (String a : List.of("a", "a-", "a.", "a0", "b")) {
            for (String b : List.of("x", "x-a", "y.z")) {
                for (int i = 0; i < 90; i++) {
                    keys.add(a + "/" + b + "/" + i);
                    keys.add(a + "/" + b + "-" + i);
                }
            }
        }
        for (String key : keys) {
            Path file = directory.resolve("tree").resolve(key);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
        keys.sort(null);
        List<String> listed = new ArrayList<>();
        Page page;
        do {
            page = client.list("tree", "", listed.isEmpty() ? null : listed.getLast());
            page.objects().forEach(o -> listed.add(o.key()));
        } while (!page.last());
        assertThat(listed).isEqualTo(keys);

        String middle = keys.get(1234);
        assertThat(client.list("tree", "a", middle).objects().getFirst().key()).isEqualTo(keys.get(1235));
        assertThat(client.list("tree", "a./x-a/8", null).objects())
                .extracting(ObjectInfo::key)
                .containsExactlyElementsOf(
                        keys.stream().filter(k -> k.startsWith("a./x-a/8")).toList());
    }

    private static ObjectInfo only(Page page) {
        assertThat(page.objects()).hasSize(1);
        return page.objects().getFirst();
    }
}
