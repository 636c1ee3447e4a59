package dev.tidemill.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.store.FaultyEndpoint.Answer;
import dev.tidemill.store.FaultyEndpoint.Request;
import dev.tidemill.store.ObjectClient.ObjectBody;
import dev.tidemill.store.ObjectClient.ReadOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client makes of a store, or of a network, that fails. */
class MinioObjectClientTest {

    private static final RetryPolicy QUICK =
            new RetryPolicy(4, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(60));
    private static final Answer SLOW_DOWN = Answer.error(503, "SlowDown", "Please reduce your request rate.");
    private static final String LISTING_END = "<IsTruncated>false</IsTruncated></ListBucketResult>";

    private static final Credentials CREDENTIALS = new Credentials("key", "secret");

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    private FaultyEndpoint endpoint(Function<Request, Answer> script) throws IOException {
        FaultyEndpoint endpoint = new FaultyEndpoint(script);
        open.add(endpoint);
        return endpoint;
    }

    private FaultyEndpoint endpoint(Answer... answers) throws IOException {
        Iterator<Answer> script = Arrays.asList(answers).iterator();
        return endpoint(request -> {
            synchronized (script) {
                return script.next();
            }
        });
    }

    private ObjectClient client(FaultyEndpoint endpoint) {
        return client(StoreConfig.of(endpoint.uri(), CREDENTIALS));
    }

    private ObjectClient client(StoreConfig config) {
        ObjectClient client = Stores.connect(config.withRetry(QUICK));
        open.add(client);
        return client;
    }

    private static String read(ObjectClient client) throws IOException {
        try (ObjectBody body = client.get("b", "k", ReadOptions.ALL)) {
            return new String(body.stream().readAllBytes(), UTF_8);
        }
    }

    private static void put(ObjectClient client, Precondition precondition) {
        client.put("b", "k", "body".getBytes(UTF_8), "text/plain", precondition);
    }

    @Test
    void ridesOutAStoreThatIsBusyOrGoneForAWhile() throws IOException {
        FaultyEndpoint endpoint =
                endpoint(SLOW_DOWN, new Answer.Cut(), Answer.error(500, "InternalError", ""), Answer.ok("here"));

        assertThat(read(client(endpoint))).isEqualTo("here");

        assertThat(endpoint.requests()).hasSize(4);
    }

    @Test
    void givesUpAfterItsAttemptsAndSaysOfWhat() throws IOException {
        FaultyEndpoint endpoint = endpoint(SLOW_DOWN, SLOW_DOWN, SLOW_DOWN, SLOW_DOWN);

        assertThatThrownBy(() -> read(client(endpoint)))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("reading s3://b/k at " + endpoint.uri())
                .hasMessageContaining("HTTP 503 SlowDown, \"Please reduce your request rate.\"");
    }

    @Test
    void doesNotWaitLongerThanItsBudgetForARetryAfter() throws IOException {
        FaultyEndpoint endpoint = endpoint(new Answer.Say(503, Map.of("Retry-After", "3600"), ""));

        assertThatThrownBy(() -> read(client(endpoint))).isInstanceOf(StoreException.Unavailable.class);

        assertThat(endpoint.requests()).hasSize(1);
    }

    @Test
    void sendsAnUnconditionalWriteAgainWhenItsReplyIsLost() throws IOException {
        FaultyEndpoint endpoint = endpoint(new Answer.Cut(), Answer.ok(""));

        put(client(endpoint), Precondition.NONE);

        assertThat(endpoint.requests())
                .hasSize(2)
                .allSatisfy(r -> assertThat(r.body()).hasSize(4));
    }

    @Test
    void neverSendsAConditionalWriteTwiceOnceTheStoreMayHaveActed() throws IOException {
        for (Answer lost : List.of(
                new Answer.Cut(),
                new Answer.Say(503, Map.of(), "upstream connect error"),
                Answer.error(500, "InternalError", ""),
                new Answer.Say(504, Map.of("Content-Type", "text/plain"), "timeout"))) {
            for (Precondition precondition : List.of(Precondition.ABSENT, new Precondition.Match("e"))) {
                FaultyEndpoint endpoint = endpoint(lost);

                assertThatThrownBy(() -> put(client(endpoint), precondition))
                        .isInstanceOf(StoreException.Unavailable.class);

                assertThat(endpoint.requests()).hasSize(1);
            }
        }
    }

    @Test
    void sendsAConditionalWriteAgainThatTheStoreItselfPutOff() throws IOException {
        FaultyEndpoint endpoint =
                endpoint(SLOW_DOWN, Answer.error(409, "ConditionalRequestConflict", "in progress"), Answer.ok(""));

        put(client(endpoint), new Precondition.Match("e"));

        assertThat(endpoint.requests())
                .hasSize(3)
                .allSatisfy(r -> assertThat(r.headers()).containsEntry("if-match", "\"e\""));
    }

    @Test
    void goesOnWithABodyWhereItsConnectionBroke() throws IOException {
        Map<String, String> headers = Map.of("ETag", "\"v1\"");
        FaultyEndpoint endpoint = endpoint(
                new Answer.SayPart(200, headers, "0123456789", 4),
                new Answer.Say(206, Map.of("ETag", "\"v1\"", "Content-Range", "bytes 4-9/10"), "456789"));

        assertThat(read(client(endpoint))).isEqualTo("0123456789");

        assertThat(endpoint.requests().get(1).headers())
                .containsEntry("range", "bytes=4-")
                .containsEntry("if-match", "\"v1\"");
    }

    @Test
    void doesNotGoOnWithABodyThatHasChangedMeanwhile() throws IOException {
        FaultyEndpoint endpoint = endpoint(
                new Answer.SayPart(200, Map.of("ETag", "\"v1\""), "0123456789", 4),
                Answer.error(412, "PreconditionFailed", ""));

        assertThatThrownBy(() -> read(client(endpoint))).isInstanceOf(StoreException.PreconditionFailed.class);
    }

    @Test
    void refusesAListingThatGoesBackwards() throws IOException {
        FaultyEndpoint endpoint = endpoint(Answer.ok(listing("p/a", "p/c", "p/b") + LISTING_END));

        assertThatThrownBy(() -> client(endpoint).list("b", "p/", null))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("lists \"p/b\" after \"p/c\"");
    }

    @Test
    void refusesAListingThatStartsOverOrLeavesThePrefix() throws IOException {
        FaultyEndpoint endpoint =
                endpoint(Answer.ok(listing("p/a", "p/b") + LISTING_END), Answer.ok(listing("q/a") + LISTING_END));
        ObjectClient client = client(endpoint);

        assertThatThrownBy(() -> client.list("b", "p/", "p/a")).isInstanceOf(StoreException.Refused.class);
        assertThatThrownBy(() -> client.list("b", "p/", null)).isInstanceOf(StoreException.Refused.class);
    }

    @Test
    void asksAgainForAListingThatEndsEarly() throws IOException {
        FaultyEndpoint endpoint =
                endpoint(Answer.ok(listing("p/a")), Answer.ok(""), Answer.ok(listing("p/a", "p/b") + LISTING_END));

        assertThat(client(endpoint).list("b", "p/", null).objects())
                .extracting(ObjectInfo::key)
                .containsExactly("p/a", "p/b");
    }

    @Test
    void goesThroughPagesThatAreEmptyAndNotTheLast() throws IOException {
        FaultyEndpoint endpoint = endpoint(
                Answer.ok(
                        listing()
                                + "<IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken></ListBucketResult>"),
                Answer.ok(listing("p/z") + LISTING_END));

        assertThat(client(endpoint).list("b", "p/", "p/a").objects())
                .extracting(ObjectInfo::key)
                .containsExactly("p/z");
        assertThat(endpoint.requests().get(1).target()).contains("continuation-token=t%2B%2F%3D");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    403 | InvalidAccessKeyId    | AccessDenied | correct AWS_ACCESS_KEY_ID
                    403 | SignatureDoesNotMatch | AccessDenied | correct AWS_SECRET_ACCESS_KEY
                    403 | AccessDenied          | AccessDenied | do not open this prefix: grant it
                    403 | RequestTimeTooSkewed  | AccessDenied | clocks of this machine and of the store
                    404 | NoSuchBucket          | NoSuchBucket | bucket "b" does not exist
                    301 | PermanentRedirect     | Refused      | set the store's region
                    400 | InvalidRequest        | Refused      | HTTP 400 InvalidRequest, "said the store"
                    501 | NotImplemented        | Refused      | HTTP 501 NotImplemented
                    """)
    void saysWhatIsWrongAndWhatToDo(int status, String code, String type, String said) throws IOException {
        FaultyEndpoint endpoint = endpoint(Answer.error(status, code, "said the store"));

        assertThatThrownBy(() -> read(client(endpoint)))
                .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(type))
                .hasMessageContaining("s3://b/k")
                .hasMessageContaining(endpoint.uri().toString())
                .hasMessageContaining(said);
        assertThat(endpoint.requests()).hasSize(1);
    }

    @Test
    void knowsAWebPageFromAStore() throws IOException {
        FaultyEndpoint endpoint =
                endpoint(new Answer.Say(404, Map.of("Content-Type", "text/html"), "<html>console</html>"));

        assertThatThrownBy(() -> read(client(endpoint)))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("web page")
                .hasMessageContaining("give the S3 API's address");
    }

    @Test
    void saysThatNobodyListens() throws IOException {
        FaultyEndpoint closed = endpoint();
        closed.close();

        assertThatThrownBy(() -> read(client(closed)))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("nobody listens there; start the store, or correct its endpoint");
    }

    @Test
    void saysThatAStoreDoesNotSpeakTls() throws IOException {
        FaultyEndpoint plain = endpoint();
        URI tls = URI.create("https://localhost:" + plain.uri().getPort());

        assertThatThrownBy(() -> read(client(StoreConfig.of(tls, CREDENTIALS))))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("write http:// in its endpoint");
    }

    @Test
    void trustsAPrivateAuthorityOnceItIsToldTo(@TempDir Path directory) throws Exception {
        TlsServer tls = TlsServer.create(directory);
        FaultyEndpoint endpoint = new FaultyEndpoint(tls.socket(), "https", request -> Answer.ok("here"));
        open.add(endpoint);
        StoreConfig config = StoreConfig.of(endpoint.uri(), CREDENTIALS);

        assertThatThrownBy(() -> read(client(config)))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("TLS")
                .hasMessageContaining("as the store's caSecret (AWS_CA_BUNDLE on a laptop)");
        assertThat(read(client(config.withCa(tls.certificatePem())))).isEqualTo("here");
        assertThatThrownBy(() -> client(config.withCa("no certificate")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BEGIN CERTIFICATE");
    }

    @Test
    void asksForCredentialsAgainWhenTheyHaveExpired() throws IOException {
        FaultyEndpoint endpoint = endpoint(Answer.error(400, "ExpiredToken", ""), Answer.ok("here"));
        Iterator<Credentials> rotated = List.of(
                        new Credentials("old", "secret", "t1"), new Credentials("new", "secret", "t2"))
                .iterator();
        ObjectClient client =
                client(StoreConfig.of(endpoint.uri(), new Credentials("x", "x")).withCredentials(rotated::next));

        assertThat(read(client)).isEqualTo("here");

        assertThat(endpoint.requests())
                .extracting(r -> r.headers().get("x-amz-security-token"))
                .containsExactly("t1", "t2");
        assertThat(endpoint.requests().get(1).headers().get("authorization")).contains("Credential=new/");
    }

    @Test
    void neverAsksForABucketsLocation() throws IOException {
        FaultyEndpoint endpoint = endpoint(request -> request.target().contains("list-type")
                ? Answer.ok(listing() + LISTING_END)
                : request.target().contains("delete") ? Answer.ok("<DeleteResult/>") : Answer.ok(""));
        ObjectClient client = client(StoreConfig.of(endpoint.uri(), CREDENTIALS).withRegion("eu-north-7"));

        client.createBucket("lake");
        client.bucketExists("lake");
        client.put("lake", "k", new byte[1], "text/plain", Precondition.ABSENT);
        client.head("lake", "k");
        client.get("lake", "k", ReadOptions.ALL).close();
        client.list("lake", "", null);
        client.delete("lake", List.of("k"));

        assertThat(endpoint.requests()).hasSize(7).allSatisfy(request -> {
            assertThat(request.target()).startsWith("/lake").doesNotContain("location");
            assertThat(request.headers().get("authorization")).contains("/eu-north-7/s3/");
        });
    }

    @Test
    void deletesAThousandKeysAtATimeAndNamesTheOneThatStays() throws IOException {
        FaultyEndpoint endpoint = endpoint(request -> Answer.ok(
                request.number() < 3
                        ? "<DeleteResult/>"
                        : "<DeleteResult><Error><Key>k1</Key><Code>NoSuchKey</Code></Error><Error><Key>k7</Key>"
                                + "<Code>AccessDenied</Code><Message>locked</Message></Error></DeleteResult>"));
        List<String> keys = IntStream.range(0, 2001).mapToObj(i -> "k&" + i).toList();

        assertThatThrownBy(() -> client(endpoint).delete("b", keys))
                .isInstanceOf(StoreException.AccessDenied.class)
                .hasMessageContaining("k7 was not deleted: AccessDenied, \"locked\"");

        assertThat(endpoint.requests()).hasSize(3);
        assertThat(new String(endpoint.requests().get(2).body(), UTF_8))
                .contains("<Object><Key>k&amp;2000</Key></Object>")
                .contains("<Quiet>true</Quiet>");
    }

    @Test
    void refusesKeysThatAnHttpClientWouldTurnIntoOthers() throws IOException {
        FaultyEndpoint endpoint = endpoint();

        assertThatThrownBy(() -> client(endpoint).head("b", "a/../b"))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("\"a/../b\" has a segment \"..\"");
        assertThat(endpoint.requests()).isEmpty();
    }

    @Test
    void takesItsTimeFromTheStore() throws IOException {
        FaultyEndpoint endpoint = endpoint(
                new Answer.Say(403, Map.of("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), ""),
                new Answer.Say(200, Map.of("Date", "Sun, 06 Nov 1994 09:49:37 GMT"), ""));
        ObjectClient client = client(endpoint);

        Instant first = client.storeTime();
        client.head("b", "k");

        assertThat(first).isBetween("1994-11-06T08:49:37Z", "1994-11-06T09:00:00Z");
        assertThat(client.storeTime()).isBetween("1994-11-06T09:49:37Z", "1994-11-06T10:00:00Z");
    }

    private static String listing(String... keys) {
        StringBuilder xml =
                new StringBuilder("<?xml version=\"1.0\"?><ListBucketResult><EncodingType>url</EncodingType>");
        for (String key : keys) {
            xml.append("<Contents><Key>")
                    .append(key)
                    .append("</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>")
                    .append("<ETag>&quot;e&quot;</ETag><Size>1</Size></Contents>");
        }
        return xml.toString();
    }
}
