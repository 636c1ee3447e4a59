package dev.tidemill.dataflow;

import static dev.tidemill.dataflow.TestFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions good and bad, over real connections. */
class HttpFunctionClientTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Event EVENT = new Event(
            "part-1",
            "/ns/orders",
            "dev.tidemill.shard",
            "käse 100%.csv",
            "application/json",
            Map.of("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            "{}".getBytes(StandardCharsets.UTF_8));

    private final HttpFunctionClient client =
            new HttpFunctionClient(Clock.fixed(NOW, ZoneOffset.UTC), Duration.ofMillis(50));

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void carriesItsTokenAsItIsAtThatMoment(@TempDir Path folder) throws Exception {
        var token = Files.writeString(folder.resolve("token"), "first\n");
        var seen = new CopyOnWriteArrayList<String>();
        try (var bearer = new HttpFunctionClient(token);
                var function = new TestFunction((request, out) -> {
                    seen.add(request.header("authorization"));
                    out.write(reply(200, "", "{}"));
                })) {
            bearer.call(function.url(), EVENT, LONG);
            Files.writeString(token, "second");
            bearer.call(function.url(), EVENT, LONG);
            Files.delete(token);
            assertThat(bearer.call(function.url(), EVENT, LONG)).isInstanceOf(Reply.Transient.class);
        }
        assertThat(seen).containsExactly("Bearer first", "Bearer second");
    }

    private Reply answerTo(TestFunction.Handler handler) throws InterruptedException {
        try (var function = new TestFunction(handler)) {
            return client.call(function.url(), EVENT, LONG);
        }
    }

    private Reply answer(byte[] bytes) throws InterruptedException {
        return answerTo((_, out) -> out.write(bytes));
    }

    private Failure finalFailure(byte[] bytes) throws InterruptedException {
        return ((Reply.Final) answer(bytes)).failure();
    }

    private Reply.Transient passing(byte[] bytes) throws InterruptedException {
        return (Reply.Transient) answer(bytes);
    }

    @Test
    void sendsABinaryModeCloudEventAndPassesTheTraceOn() throws InterruptedException {
        BlockingQueue<TestFunction.Request> requests = new LinkedBlockingQueue<>();

        Reply reply = answerTo((request, out) -> {
            requests.add(request);
            out.write(reply(200, "Content-Type: text/csv\nce-type: my%20type\nce-specversion: 1.0", "x,1"));
        });

        assertThat(requests.take().headers())
                .containsEntry("ce-specversion", "1.0")
                .containsEntry("ce-id", "part-1")
                .containsEntry("ce-source", "/ns/orders")
                .containsEntry("ce-type", "dev.tidemill.shard")
                .containsEntry("ce-subject", "k%C3%A4se%20100%25.csv")
                .containsEntry("content-type", "application/json")
                .containsEntry("ce-traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .containsEntry("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assertThat((Reply.Result) reply).satisfies(result -> {
            assertThat(result.type()).isEqualTo("my type");
            assertThat(result.contentType()).isEqualTo("text/csv");
            assertThat(result.body()).asString().isEqualTo("x,1");
        });
    }

    @Test
    void unwrapsAReplyInStructuredMode() throws InterruptedException {
        String event = """
                {"specversion":"1.0","id":"1","source":"f","type":"t","datacontenttype":"application/x","data_base64":"AAEC"}""";

        var result =
                (Reply.Result) answer(reply(200, "Content-Type: application/cloudevents+json; charset=utf-8", event));

        assertThat(result.type()).isEqualTo("t");
        assertThat(result.contentType()).isEqualTo("application/x");
        assertThat(result.body()).containsExactly(0, 1, 2);
    }

    @Test
    void usesOneConnectionForCallsOneAfterTheOther() throws InterruptedException {
        try (var function = new TestFunction((_, out) -> out.write(reply(200, "", "ok")))) {
            for (int i = 0; i < 50; i++) {
                client.call(function.url(), EVENT, LONG);
            }
            assertThat(function.connections).hasValue(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "200,ce-type: dev.tidemill.failure",
        "422,ce-type: dev.tidemill.failure",
        "400,ce-specversion: 1.0",
        "400,Tidemill-Verdict: final"
    })
    void takesTheFunctionsOwnNoAsFinalWithPlaceAndReason(int status, String header) throws InterruptedException {
        String data = """
                {"reason":"BadRow","message":"not a number: 'x'","object":"s3://lake/a.csv","line":812,"byte":40961}""";

        assertThat(finalFailure(reply(status, header, data)))
                .isEqualTo(new Failure("BadRow", "not a number: 'x'", "s3://lake/a.csv", 812, 40961, true));
    }

    @Test
    void quotesARefusalThatIsNotJson() throws InterruptedException {
        assertThat(finalFailure(reply(404, "Tidemill-Verdict: final", "no such\n model")))
                .isEqualTo(new Failure("FunctionRefused", "no such model", null, -1, -1, true));
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 400, 403, 404, 408, 425, 429, 500, 502, 503, 504})
    void triesAgainWhatNeedNotBeTheFunctionsWord(int status) throws InterruptedException {
        Reply.Transient reply = passing(reply(status, "", "upstream connect error"));

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.message()).contains("/fn answered " + status);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 425, 429, 500, 503})
    void triesAgainWhatTheFunctionItselfMeansToBeTriedAgain(int status) throws InterruptedException {
        assertThat(passing(reply(status, "ce-specversion: 1.0\nTidemill-Verdict: final", ""))
                        .status())
                .isEqualTo(status);
    }

    @Test
    void waitsForCapacityWhereTheFunctionSaysSo() throws InterruptedException {
        assertThat(answer(reply(503, "Tidemill-Verdict: no-capacity", "0/3 nodes have a GPU")))
                .isEqualTo(new Reply.NoCapacity("0/3 nodes have a GPU"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Retry-After: 120|2026-11-22T10:02:00Z",
                "Retry-After: Sun, 22 Nov 2026 10:00:07 GMT|2026-11-22T10:00:07Z",
                // A sender whose clock is an hour fast means ten seconds all the same.
                "Date: Sun, 22 Nov 2026 11:00:00 GMT~Retry-After: Sun, 22 Nov 2026 11:00:10 GMT|2026-11-22T10:00:10Z",
                "Retry-After: soon|",
                "Retry-After: -5|",
            })
    void readsRetryAfterAsSecondsAndAsDate(String headers, Instant expected) throws InterruptedException {
        assertThat(passing(reply(503, headers.replace('~', '\n'), "")).retryAfter())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "HTTP/1.1 abc X\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                "HTTP/1.1 200",
                ""
            })
    void triesAgainAfterGarbageAndCutReplies(String bytes) throws InterruptedException {
        var reply = (Reply.Transient) answerTo((_, out) -> {
            out.write(bytes.getBytes(StandardCharsets.UTF_8));
            out.flush();
            throw new IOException("ends the connection");
        });

        assertThat(reply.message())
                .matches("(what )?http://127.0.0.1:\\d+/fn (answered is not HTTP|closed the connection before its reply"
                        + " was whole).*");
    }

    @Test
    void triesAgainAfterAReplyThatClaimsToBeACloudEventAndIsNot() throws InterruptedException {
        assertThat(passing(reply(200, "Content-Type: application/cloudevents+json", "<html>"))
                        .message())
                .endsWith("answered 200 with a CloudEvent that is not JSON");
    }

    @Test
    void refusesAReplyOver32MiBWhetherAnnouncedOrNot() throws InterruptedException {
        byte[] mebibyte = new byte[1 << 20];
        TestFunction.Handler streaming = (_, out) -> {
            out.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 33; i++) {
                out.write(mebibyte);
            }
        };
        TestFunction.Handler announcing = (_, out) ->
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 33554433\r\n\r\n".getBytes(StandardCharsets.UTF_8));

        for (TestFunction.Handler handler : new TestFunction.Handler[] {streaming, announcing}) {
            Failure failure = ((Reply.Final) answerTo(handler)).failure();
            assertThat(failure.reason()).isEqualTo("ReplyTooLarge");
            assertThat(failure.message()).contains("larger than 32 MiB").contains("write its output to the store");
        }
    }

    @Test
    void takesAReplyOfExactly32MiB() throws InterruptedException {
        var reply = (Reply.Result) answerTo((_, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            byte[] mebibyte = new byte[1 << 20];
            for (int i = 0; i < 32; i++) {
                out.write(mebibyte);
            }
        });

        assertThat(reply.body()).hasSize(32 << 20);
    }

    @Test
    void saysThatNobodyListensWithoutTellingSecrets() throws Exception {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        var reply =
                (Reply.Transient) client.call(URI.create("http://127.0.0.1:" + port + "/fn?token=hush"), EVENT, LONG);

        assertThat(reply.status()).isZero();
        assertThat(reply.message()).isEqualTo("cannot connect to http://127.0.0.1:" + port + "/fn: is it running?");
    }

    @Test
    void holdsThePermitOfATimedOutRequestUntilItsLateReply() throws Exception {
        var mayAnswer = new CountDownLatch(1);
        try (var patient = new HttpFunctionClient(Clock.systemUTC(), Duration.ofMinutes(5));
                var function = new TestFunction((_, out) -> {
                    mayAnswer.await();
                    out.write(reply(200, "", "late"));
                })) {
            var reply = (Reply.TimedOut) patient.call(function.url(), EVENT, Duration.ofMillis(20));
            var released = reply.released().toCompletableFuture();
            assertThat(released).isNotDone();

            mayAnswer.countDown();
            released.join();
        }
    }

    @Test
    void givesThePermitBackInTheEndWhenTheFunctionNeverAnswers() throws Exception {
        var never = new CountDownLatch(1);
        try (var function = new TestFunction((_, _) -> never.await())) {
            var reply = (Reply.TimedOut) client.call(function.url(), EVENT, Duration.ofMillis(20));
            reply.released().toCompletableFuture().join();
        }
    }
}
