package dev.tidemill.functions.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RingTest {

    private static Map<String, String> to(int port) {
        return Map.of(
                "RING_URL", "http://127.0.0.1:" + port + "/_tidemill/deliver/word/",
                "RING_ID", "it-nightly-29000000",
                "RING_SOURCE", "/apis/batch/v1/namespaces/lab/cronjobs/it-nightly",
                "RING_DATA", "{\"name\":\"nightly\"}");
    }

    @Test
    void theFunctionGetsWhatAPingSourceSends() throws Exception {
        try (var function = new EchoFunction()) {
            assertThat(Ring.ring(to(function.port()))).isTrue();
            assertThat(function.got).singleElement().satisfies(got -> {
                assertThat(got.method()).isEqualTo("POST");
                assertThat(got.uri()).isEqualTo("/_tidemill/deliver/word/");
                assertThat(got.headers().getFirst("ce-type")).isEqualTo("dev.knative.sources.ping");
                assertThat(got.headers().getFirst("ce-id")).isEqualTo("it-nightly-29000000");
                assertThat(got.body()).asString().isEqualTo("{\"name\":\"nightly\"}");
            });
        }
    }

    @Test
    void aFunctionThatDoesNotAnswerHasNotTakenIt() throws Exception {
        var function = new EchoFunction();
        function.close();
        assertThat(Ring.ring(to(function.port()))).isFalse();
    }
}
