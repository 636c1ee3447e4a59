package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tidemill.dataflow.Slices.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a slice may have begun decides whether its permits come back at once or after minutes. */
class HttpSlicesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    404 |                                                                                                   | true
                    503 | activator overload                                                                                | true
                    503 | upstream connect error or disconnect/reset before headers. reset reason: connection failure       | true
                    503 | upstream connect error or disconnect/reset before headers. reset reason: remote connection failure| true
                    503 | upstream connect error or disconnect/reset before headers. reset reason: connection termination   | false
                    503 | upstream connect error or disconnect/reset before headers. retried and the latest reset reason: connection failure | false
                    502 | dial tcp 10.42.0.7:8012: connect: connection refused                                              | true
                    502 | EOF                                                                                               | false
                    502 | context deadline exceeded                                                                         | false
                    500 | it failed                                                                                         | false
                    504 |                                                                                                   | false
                    """)
    void takesForNotBegunOnlyWhatSaysThatItWasNotHandedOn(int status, String body, boolean notBegun) throws Exception {
        try (var client = new HttpFunctionClient()) {
            var server = answering(status, body == null ? "" : body);
            var outcome = send(client, server.getAddress().getPort());
            server.stop(0);
            assertThat(outcome).isInstanceOf(notBegun ? Outcome.NotStarted.class : Outcome.Lost.class);
        }
    }

    @Test
    void takesARefusedConnectionForNotBegun() throws Exception {
        int nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        try (var client = new HttpFunctionClient()) {
            assertThat(send(client, nobody)).isInstanceOf(Outcome.NotStarted.class);
        }
    }

    private static HttpServer answering(int status, String body) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
        return server;
    }

    private static Outcome send(HttpFunctionClient client, int port) throws InterruptedException {
        var task = Task.of(
                        "here",
                        new DatasetRef("ns", "d", "uid", 1),
                        "tidemill",
                        new Task.Input.Listing("lake", "in/", List.of(), List.of()))
                .build();
        var turn = new SliceRequest.Turn(
                "run",
                Trace.of(null, java.util.random.RandomGenerator.getDefault()),
                1,
                Duration.ofMinutes(2),
                Set.of(),
                true,
                false);
        return new HttpSlices(client, _ -> URI.create("http://127.0.0.1:" + port + "/"))
                .send(new SliceRequest(task, turn), Duration.ofSeconds(60));
    }
}
