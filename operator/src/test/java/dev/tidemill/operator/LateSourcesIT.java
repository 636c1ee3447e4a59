package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Kinds that are watched when they are first needed")
class LateSourcesIT {

    private static final String NAMESPACE =
            "late-" + UUID.randomUUID().toString().substring(0, 8);

    /** Leads the first list of all brokers to a kind that nobody serves. */
    private static final class FirstListAstray implements Interceptor {

        private static final String BROKERS = "/apis/eventing.knative.dev/v1/brokers";

        private final AtomicInteger lists = new AtomicInteger();

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (request.uri().getPath().equals(BROKERS) && lists.getAndIncrement() == 0) {
                builder.uri(URI.create(request.uri().toString().replace("brokers", "nobodys")));
            }
        }
    }

    @Test
    @DisplayName("A watch that could not begin begins at the next try, and holds up nothing for good")
    void aWatchBeginsAtTheNextTry() throws IOException, InterruptedException {
        var api = ApiServer.with(NAMESPACE);
        var astray = new FirstListAstray();
        try (var admin = api.client();
                var client = new KubernetesClientBuilder()
                        .withConfig(admin.getConfiguration())
                        .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("astray", astray))
                        .build();
                var _ = new RunningOperator(client, GoldenConfig.CONFIG, Clock.systemUTC())) {
            api.create("""
                    kind: Function
                    metadata: {name: listens, namespace: %s}
                    spec: {builtin: mean, events: [{name: a, filter: {type: t}}]}
                    """.formatted(NAMESPACE));
            api.await(Trigger.class, NAMESPACE, triggers -> triggers.size() == 1);
            assertThat(astray.lists).hasValueGreaterThan(1);
            api.leave(NAMESPACE);
        }
    }
}
