package dev.tidemill.functions.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything over real HTTP: a gate, a function that remembers what reached it, and an issuer whose keys can change. */
class GateTest {

    private static final String WORD = "0123456789abcdef0123456789abcdef";
    private static final String NEXT_WORD = "fedcba9876543210fedcba9876543210";

    /** What the tokens of a namespace's materializers are for. */
    private static final String DATA_PATH = "tidemill.dev/lab";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MATERIALIZER = "system:serviceaccount:lab:tidemill-dataflow";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final TestClock clock = new TestClock();
    private final EchoFunction function;
    private final Issuer issuer;
    private Path words;
    private Gate gate;

    GateTest() throws IOException, JoseException {
        function = new EchoFunction();
        issuer = new Issuer(clock);
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException, InterruptedException {
        words = folder;
        Files.writeString(words.resolve("current"), WORD);
        var access = new Settings.Access(
                function.port(),
                List.of(
                        new Settings.Callers(Issuer.AUDIENCE, List.of(Issuer.PIPELINE)),
                        new Settings.Callers(DATA_PATH, List.of(MATERIALIZER))),
                issuer.url(),
                null,
                null,
                words,
                null,
                Map.of("mine", Map.of("functionName", JSON.createArrayNode().add("mean"))));
        gate = Gate.start(new Settings(0, access), clock);
    }

    @AfterEach
    void end() {
        function.goOn.countDown();
        gate.close();
        function.close();
        issuer.close();
    }

    @Test
    void withoutACredentialNobodyGetsThrough() throws Exception {
        var answer = send(request("/"));
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"tidemill\"");
        assertThat(function.got).isEmpty();
    }

    static Stream<Arguments> badTokens() {
        return Stream.of(
                bad(
                        "expired",
                        "the token has expired",
                        issuer -> issuer.token(claims -> claims.setExpirationTime(issuer.at(-11)))),
                bad(
                        "not yet valid",
                        "the token is not valid yet",
                        issuer -> issuer.token(claims -> claims.setNotBefore(issuer.at(11)))),
                bad(
                        "for another function",
                        "the token is for another audience",
                        issuer -> issuer.token(claims -> claims.setAudience("http://other.lab.svc.cluster.local"))),
                bad(
                        "for nobody",
                        "the token is for another audience",
                        issuer -> issuer.token(claims -> claims.unsetClaim("aud"))),
                bad(
                        "of another issuer",
                        "the token is of another issuer",
                        issuer -> issuer.token(claims -> claims.setIssuer("https://elsewhere.example"))),
                bad(
                        "without expiry",
                        "the token never expires",
                        issuer -> issuer.token(claims -> claims.unsetClaim("exp"))),
                bad(
                        "without a subject",
                        "the token names nobody",
                        issuer -> issuer.token(claims -> claims.unsetClaim("sub"))),
                bad(
                        "signed by a stranger under our key's name",
                        "the token is not signed by a key of this cluster",
                        issuer -> issuer.sign(
                                _ -> {}, Issuer.newKey(), issuer.key().getKeyId())),
                bad(
                        "signed by a stranger",
                        "the token is not signed by a key of this cluster",
                        issuer -> issuer.sign(_ -> {}, Issuer.newKey(), "unheard-of")),
                bad("changed after it was signed", "the token is not signed by a key of this cluster", issuer -> {
                    String[] parts = issuer.token().split("\\.");
                    String other = issuer.token(claims -> claims.setSubject("system:serviceaccount:lab:other"))
                            .split("\\.")[1];
                    return parts[0] + "." + other + "." + parts[2];
                }),
                bad("not signed at all", "the token is not signed by a key of this cluster", issuer -> {
                    JsonWebSignature token = issuer.unsigned(_ -> {});
                    token.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
                    token.setAlgorithmHeaderValue(AlgorithmIdentifiers.NONE);
                    return token.getCompactSerialization();
                }),
                bad(
                        "signed with the public key as a shared secret",
                        "the token is not signed by a key of this cluster",
                        issuer -> {
                            JsonWebSignature token = issuer.unsigned(_ -> {});
                            token.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
                            token.setKeyIdHeaderValue(issuer.key().getKeyId());
                            token.setKey(new HmacKey(issuer.key().getPublicKey().getEncoded()));
                            return token.getCompactSerialization();
                        }),
                bad("no token", "this is no token", _ -> "hello"));
    }

    private interface Forge {
        String token(Issuer issuer) throws JoseException;
    }

    private static Arguments bad(String what, String why, Forge forge) {
        return Arguments.of(what, why, forge);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badTokens")
    void aBadTokenOpensNothingAndItsSenderLearnsWhy(String what, String why, Forge forge) throws Exception {
        var answer = send(request("/").header("Authorization", "Bearer " + forge.token(issuer)));
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).contains("error=\"invalid_token\"", why);
        assertThat(function.got).isEmpty();
    }

    @Test
    void clocksMayDifferByTenSeconds() throws Exception {
        assertThat(call(issuer.token(claims -> claims.setExpirationTime(issuer.at(-9)))))
                .isEqualTo(200);
        assertThat(call(issuer.token(claims -> claims.setNotBefore(issuer.at(9)))))
                .isEqualTo(200);
    }

    @Test
    void aTokenThatWasGoodExpires() throws Exception {
        String token = issuer.token();
        assertThat(call(token)).isEqualTo(200);
        clock.advance(Duration.ofSeconds(611));
        assertThat(call(token)).isEqualTo(401);
    }

    @Test
    void whoIsKnownAndNoInvokerIsForbidden() throws Exception {
        String other = "system:serviceaccount:lab:<b>other";
        var answer = send(
                request("/").header("Authorization", "Bearer " + issuer.token(claims -> claims.setSubject(other))));
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("spec.invokers");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(function.got).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic cGlwZWxpbmU6eA==", "Bearer", "Token x"})
    void otherCredentialsAreNone(String credential) throws Exception {
        assertThat(send(request("/").header("Authorization", credential)).statusCode())
                .isEqualTo(401);
        assertThat(function.got).isEmpty();
    }

    @Test
    void twoCredentialsAreNone() throws Exception {
        var answer = send(
                request("/").header("Authorization", "Bearer " + issuer.token()).header("Authorization", "Bearer x"));
        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anInvokersRequestArrivesByteForByte(boolean chunked) throws Exception {
        byte[] body = new byte[5_000_000];
        new Random(5).nextBytes(body);
        var publisher = chunked
                ? BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body))
                : BodyPublishers.ofByteArray(body);
        var answer = http.send(
                request("/a%20b/%C3%A4?x=1&y=%2F")
                        .header("Authorization", "Bearer " + issuer.token())
                        .header("ce-id", "a \u00e4 %")
                        .header("X-Many", "one")
                        .header("X-Many", "two")
                        .method("PUT", publisher)
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(body);
        assertThat(answer.headers().allValues("X-Echo")).containsExactly("first", "second");
        var got = function.got.getFirst();
        assertThat(got.method()).isEqualTo("PUT");
        assertThat(got.uri()).isEqualTo("/a%20b/%C3%A4?x=1&y=%2F");
        assertThat(got.body()).isEqualTo(body);
        assertThat(got.headers().get("X-many")).containsExactly("one", "two");
        assertThat(got.headers().get("Tidemill-caller")).containsExactly(Issuer.PIPELINE);
        assertThat(got.headers()).doesNotContainKey("Authorization");
    }

    @Test
    void theFunctionIsToldWhoCallsByTheGateAlone() throws Exception {
        String request = """
                GET /x HTTP/1.1\r
                Host: mean\r
                Authorization: Bearer %s\r
                Tidemill-Caller: system:serviceaccount:kube-system:admin\r
                tidemill_caller: admin\r
                X-Private: 1\r
                Proxy-Authorization: Basic x\r
                Connection: close, X-Private\r
                \r
                """.formatted(issuer.token());
        assertThat(raw(request)).startsWith("HTTP/1.1 200 ");
        var headers = function.got.getFirst().headers();
        assertThat(headers.get("Tidemill-caller")).containsExactly(Issuer.PIPELINE);
        assertThat(headers).doesNotContainKeys("Tidemill_caller", "X-private", "Proxy-authorization");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://mean/ HTTP/1.1\r\nHost: mean\r\n\r\n",
                "CONNECT mean:80 HTTP/1.1\r\nHost: mean\r\n\r\n",
                "TRACE / HTTP/1.1\r\nHost: mean\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: mean\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: mean\r\nX : y\r\n\r\n",
                "nonsense\r\n\r\n"
            })
    void whatIsNoPlainRequestEndsHere(String request) throws IOException {
        assertThat(raw(request))
                .startsWith("HTTP/1.1 400 ")
                .contains("Connection: close".toLowerCase(java.util.Locale.ROOT));
        assertThat(function.got).isEmpty();
    }

    @Test
    void requestsOnOneConnectionAreJudgedEachForItself() throws Exception {
        String good = "POST /good HTTP/1.1\r\nHost: mean\r\nAuthorization: Bearer %s\r\nContent-Length: 2\r\n\r\nhi"
                .formatted(issuer.token());
        String bad = "POST /bad HTTP/1.1\r\nHost: mean\r\nContent-Length: 2\r\n\r\nho";
        String last = "GET /last HTTP/1.1\r\nHost: mean\r\nConnection: close\r\n\r\n";
        String answers = raw(good + bad + good + last);
        assertThat(answers.lines()
                        .filter(line -> line.startsWith("HTTP/1.1") || line.contains("HTTP/1.1 "))
                        .map(line -> line.replaceFirst(".*HTTP/1.1 (\\d+).*", "$1")))
                .containsExactly("200", "401", "200", "401");
        assertThat(function.got).extracting(EchoFunction.Got::uri).containsExactly("/good", "/good");
        assertThat(function.got)
                .allSatisfy(got -> assertThat(got.body()).asString().isEqualTo("hi"));
    }

    @Test
    void answersPassWhileTheFunctionStillWrites() throws Exception {
        var answer = http.send(
                request("/stream")
                        .header("Authorization", "Bearer " + issuer.token())
                        .build(),
                BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("first");
            function.goOn.countDown();
            assertThat(lines.readLine()).isEqualTo("second");
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void whatTheFunctionSaysToBrowsersStaysAndTheRestIsShut() throws Exception {
        var page = send(request("/page").header("Authorization", "Bearer " + issuer.token()));
        assertThat(page.headers().allValues("Content-Security-Policy")).containsExactly("default-src 'self'");
        assertThat(page.headers().firstValue("X-Frame-Options")).contains("DENY");
        assertThat(page.headers().firstValue("Keep-Alive")).isEmpty();
        var plain = send(request("/").header("Authorization", "Bearer " + issuer.token()));
        assertThat(plain.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'");
    }

    @Test
    void aRotatedKeyIsFoundWhenATokenNamesIt() throws Exception {
        String old = issuer.token();
        assertThat(call(old)).isEqualTo(200);
        issuer.rotate();
        clock.advance(Duration.ofSeconds(2));
        assertThat(call(issuer.token())).isEqualTo(200);
        clock.advance(Duration.ofSeconds(61));
        assertThat(call(old)).as("signed by a key that is published no more").isEqualTo(401);
    }

    @Test
    void aFloodOfMadeUpKeysAsksForTheKeysOnce() throws Exception {
        assertThat(call(issuer.token())).isEqualTo(200);
        int before = issuer.asked.get();
        for (int i : IntStream.range(0, 20).toArray()) {
            assertThat(call(issuer.sign(_ -> {}, issuer.key(), "made-up-" + i))).isEqualTo(401);
        }
        assertThat(issuer.asked.get() - before).isLessThanOrEqualTo(1);
    }

    @Test
    void withoutKeysNobodyGetsThroughAndEverybodyMayTryAgain() throws Exception {
        issuer.down = true;
        var answer = send(request("/").header("Authorization", "Bearer " + issuer.token()));
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(function.got).isEmpty();
        issuer.down = false;
        assertThat(call(issuer.token())).isEqualTo(200);
    }

    @Test
    void knownKeysServeForAnHourWithoutTheirServer() throws Exception {
        assertThat(call(issuer.token())).isEqualTo(200);
        issuer.down = true;
        clock.advance(Duration.ofMinutes(59));
        assertThat(call(issuer.token())).isEqualTo(200);
        clock.advance(Duration.ofMinutes(2));
        assertThat(call(issuer.token())).isEqualTo(503);
    }

    @Test
    void aDeliveryComesInByItsWord() throws Exception {
        var answer = send(HttpRequest.newBuilder(url("/_tidemill/deliver/" + WORD + "/in?x=1"))
                .POST(BodyPublishers.ofString("event")));
        assertThat(answer.statusCode()).isEqualTo(200);
        var got = function.got.getFirst();
        assertThat(got.uri()).as("the function does not learn the word").isEqualTo("/in?x=1");
        assertThat(got.headers().get("Tidemill-caller")).containsExactly("broker");
        assertThat(got.body()).asString().isEqualTo("event");
        assertThat(send(request("/_tidemill/deliver/" + WORD)).statusCode()).isEqualTo(200);
        assertThat(function.got.getLast().uri()).isEqualTo("/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "0123456789abcdef0123456789abcde",
                "0123456789abcdef0123456789abcdeg",
                "0123456789ABCDEF0123456789ABCDEF",
                "../" + WORD,
                "%30123456789abcdef0123456789abcdef"
            })
    void anotherWordOpensNothing(String word) throws Exception {
        assertThat(raw("GET /_tidemill/deliver/%s HTTP/1.1\r\nHost: mean\r\nConnection: close\r\n\r\n".formatted(word)))
                .startsWith("HTTP/1.1 401 ");
        assertThat(function.got).isEmpty();
    }

    @Test
    void wordsRotateAndTwoAreValidMeanwhile() throws Exception {
        assertThat(deliver(WORD)).isEqualTo(200);
        Files.writeString(words.resolve("previous"), WORD);
        Files.writeString(words.resolve("current"), NEXT_WORD);
        clock.advance(Duration.ofSeconds(6));
        assertThat(deliver(WORD)).isEqualTo(200);
        assertThat(deliver(NEXT_WORD)).isEqualTo(200);
        Files.delete(words.resolve("previous"));
        clock.advance(Duration.ofSeconds(6));
        assertThat(deliver(WORD)).isEqualTo(401);
        assertThat(deliver(NEXT_WORD)).isEqualTo(200);
    }

    @Test
    void aWordThatCouldBeGuessedOpensNothing() throws Exception {
        Files.writeString(words.resolve("current"), "short");
        Files.writeString(words.resolve("empty"), "");
        clock.advance(Duration.ofSeconds(6));
        assertThat(deliver("short")).isEqualTo(401);
        assertThat(deliver("")).isEqualTo(401);
    }

    @Test
    void readinessFollowsTheFunctionsAndNeedsNoCredential() throws Exception {
        assertThat(send(request("/_tidemill/health/ready")).statusCode()).isEqualTo(200);
        assertThat(send(request("/_tidemill/health/live")).statusCode()).isEqualTo(200);
        function.close();
        assertThat(send(request("/_tidemill/health/ready")).statusCode()).isEqualTo(503);
        assertThat(send(request("/_tidemill/health/live")).statusCode()).isEqualTo(200);
        var answer = send(request("/").header("Authorization", "Bearer " + issuer.token()));
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("FunctionNotUp");
        assertThat(function.got).isEmpty();
    }

    @Test
    void anAudienceOpensForItsOwnSubjectsOnly() throws Exception {
        assertThat(call(issuer.token(claims -> {
                    claims.setAudience(DATA_PATH);
                    claims.setSubject(MATERIALIZER);
                })))
                .isEqualTo(200);
        assertThat(call(issuer.token(claims -> claims.setSubject(MATERIALIZER))))
                .as("the materializer with a token for the function alone")
                .isEqualTo(403);
        assertThat(call(issuer.token(claims -> claims.setAudience(DATA_PATH))))
                .as("an invoker with a token for the whole namespace")
                .isEqualTo(403);
        assertThat(function.got).hasSize(1);
    }

    @Test
    void whereTheFunctionSaysItselfWhetherItIsReadyItsWordCounts() throws Exception {
        var access = new Settings.Access(
                function.port(), List.of(), issuer.url(), null, null, null, "/its/own/health?full", Map.of());
        try (var bridged = Gate.start(new Settings(0, access), clock)) {
            var probe = HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + bridged.port() + "/_tidemill/health/ready"));
            assertThat(send(probe).statusCode()).isEqualTo(200);
            assertThat(function.got).singleElement().satisfies(got -> {
                assertThat(got.uri()).isEqualTo("/its/own/health?full");
                assertThat(got.headers().getFirst("Tidemill-Caller")).isEqualTo("probe");
            });
            function.close();
            assertThat(send(probe).statusCode()).isEqualTo(503);
        }
    }

    @Test
    void anEventWithADetailReachesTheFunctionOnlyWhereItsDataHasIt() throws Exception {
        var wanted = event("{\"functionName\": \"mean\", \"more\": 1}", "application/json");
        assertThat(wanted.statusCode()).isEqualTo(200);
        assertThat(function.got).singleElement().satisfies(got -> {
            assertThat(got.uri()).isEqualTo("/");
            assertThat(got.headers().getFirst("Tidemill-Caller")).isEqualTo("broker");
            assertThat(got.body()).asString().isEqualTo("{\"functionName\": \"mean\", \"more\": 1}");
        });
        for (var other :
                List.of("{\"functionName\": \"add_one\"}", "[]", "", "no JSON", "{\"functionName\": \"mean\"")) {
            var answer = event(other, "application/json");
            assertThat(answer.statusCode()).as(other).isEqualTo(202);
            assertThat(answer.body())
                    .as("a broker takes an answer with a body for a failure")
                    .isEmpty();
        }
        assertThat(function.got).hasSize(1);
    }

    @Test
    void theDataOfAStructuredEventIsLookedAtToo() throws Exception {
        var structured = "{\"specversion\": \"1.0\", \"id\": \"1\", \"type\": \"t\", \"source\": \"/s\", %s}";
        var json = "application/cloudevents+json; charset=utf-8";
        assertThat(event(structured.formatted("\"data\": {\"functionName\": \"mean\"}"), json)
                        .statusCode())
                .isEqualTo(200);
        assertThat(event(structured.formatted("\"data_base64\": \"eyJmdW5jdGlvbk5hbWUiOiJtZWFuIn0=\""), json)
                        .statusCode())
                .isEqualTo(200);
        assertThat(function.got).hasSize(2);
        // What an attribute says is the Trigger's affair.
        assertThat(event(structured.formatted("\"functionName\": \"mean\""), json)
                        .statusCode())
                .isEqualTo(202);
        assertThat(function.got).hasSize(2);
    }

    @Test
    void aDetailOpensNothingToWhoHasNoWordAndUnknownOrLargeEventsAreSaidToBeSo() throws Exception {
        var body = BodyPublishers.ofString("{\"functionName\": \"mean\"}");
        assertThat(send(request("/_tidemill/matching/mine/").POST(body)).statusCode())
                .isEqualTo(401);
        assertThat(send(request("/_tidemill/matching/mine/_tidemill/deliver/guess/")
                                .POST(body))
                        .statusCode())
                .isEqualTo(401);
        var unknown = send(request("/_tidemill/matching/other/_tidemill/deliver/" + WORD + "/")
                .POST(body));
        assertThat(unknown.statusCode())
                .as("to be tried again: a new revision may know it")
                .isEqualTo(503);
        assertThat(event("\"" + "x".repeat(Matching.MOST) + "\"", "application/json")
                        .statusCode())
                .isEqualTo(413);
        assertThat(function.got).isEmpty();
        assertThat(event("{\"functionName\": \"mean\"}", "application/json").statusCode())
                .isEqualTo(200);
    }

    @Test
    void aSenderThatWaitsToBeAskedForItsEventIsAsked() throws Exception {
        var answer = http.send(
                request("/_tidemill/matching/mine/_tidemill/deliver/" + WORD + "/")
                        .expectContinue(true)
                        .POST(BodyPublishers.ofString("{\"functionName\": \"mean\"}"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(function.got.getFirst().body()).asString().contains("mean");
    }

    private HttpResponse<String> event(String data, String contentType) throws IOException, InterruptedException {
        return send(request("/_tidemill/matching/mine/_tidemill/deliver/" + WORD + "/")
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofString(data)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url(path)).timeout(Duration.ofSeconds(30));
    }

    private URI url(String path) {
        return URI.create("http://127.0.0.1:" + gate.port() + path);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private int call(String token) throws IOException, InterruptedException {
        return send(request("/").header("Authorization", "Bearer " + token)).statusCode();
    }

    private int deliver(String word) throws IOException, InterruptedException {
        return send(request("/_tidemill/deliver/" + word)).statusCode();
    }

    /** Bytes that no client would send. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gate.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
