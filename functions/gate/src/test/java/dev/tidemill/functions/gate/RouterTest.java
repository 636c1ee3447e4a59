package dev.tidemill.functions.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real HTTP: a router and two functions that remember what reached them. */
class RouterTest {

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private EchoFunction mean;
    private EchoFunction rest;
    private Server router;

    @BeforeEach
    void start() throws Exception {
        mean = new EchoFunction();
        rest = new EchoFunction();
        var routes = Router.routes(Map.of(Router.VARIABLE, """
                [{"path": "/stats/mean/", "to": "http://127.0.0.1:%d"}, {"path": "/stats", "to": "http://127.0.0.1:%d/ignored"},
                 {"path": "/down", "to": "http://127.0.0.1:1"}]""".formatted(mean.port(), rest.port())));
        router = new Server(0, new Router(routes));
    }

    @AfterEach
    void end() {
        router.close();
        mean.close();
        rest.close();
    }

    @Test
    void theLongestPathLeadsAndTheRequestArrivesAsItCame() throws Exception {
        var answer = send(request("/stats/mean/today?x=a%20b")
                .header("Authorization", "Bearer of.a.token")
                .POST(BodyPublishers.ofString("numbers")));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("numbers");
        assertThat(mean.got).singleElement().satisfies(got -> {
            assertThat(got.method()).isEqualTo("POST");
            assertThat(got.uri()).isEqualTo("/stats/mean/today?x=a%20b");
            assertThat(got.headers().getFirst("Authorization"))
                    .as("the function's own gate looks at it")
                    .isEqualTo("Bearer of.a.token");
            assertThat(got.headers().getFirst("Host"))
                    .as("by it an ingress finds the function")
                    .isEqualTo("127.0.0.1:" + mean.port());
            assertThat(got.headers().getFirst("X-Forwarded-Host")).isEqualTo("127.0.0.1:" + router.port());
        });
        assertThat(send(request("/stats/mean")).statusCode()).isEqualTo(200);
        assertThat(mean.got).hasSize(2);
        assertThat(send(request("/stats/meanest")).statusCode()).isEqualTo(200);
        assertThat(rest.got)
                .singleElement()
                .satisfies(got -> assertThat(got.uri()).isEqualTo("/stats/meanest"));
    }

    @Test
    void whatLeadsNowhereIsSaidToBeSo() throws Exception {
        var nowhere = send(request("/statistics"));
        assertThat(nowhere.statusCode()).isEqualTo(404);
        assertThat(nowhere.body()).contains("NoRoute").contains("spec.path");
        assertThat(send(request("/down/below")).statusCode()).isEqualTo(503);
        assertThat(send(request("/_tidemill/health/ready")).statusCode()).isEqualTo(200);
    }

    @Test
    void aRouteThatCannotBeTakenIsRefusedAtTheStart() {
        assertThatThrownBy(() -> Router.routes(Map.of(Router.VARIABLE, "[{\"path\": \"/x\", \"to\": \"https://f\"}]")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/x");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + router.port() + path))
                .timeout(Duration.ofSeconds(60));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
