package dev.tidemill.operator.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Access;
import dev.tidemill.operator.MovedClock;
import dev.tidemill.operator.RealMinio;
import dev.tidemill.operator.Specs;
import dev.tidemill.operator.TestCluster;
import dev.tidemill.operator.store.ScopedCredentials.Holder;
import dev.tidemill.operator.store.ScopedCredentials.Outcome;
import dev.tidemill.store.Credentials;
import dev.tidemill.store.Stores;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.minio.MakeBucketArgs;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Minted credentials, on a real MinIO")
class CredentialsIT {

    private static final String NAMESPACE = "it-" + UUID.randomUUID().toString().substring(0, 8);
    private static final List<Opening> OPENINGS = List.of(new Opening("lake", "ours/", Access.ReadWrite));

    private static final Duration HALF_A_LIFE =
            ScopedCredentials.LIFE.dividedBy(2).plusMinutes(1);

    @Test
    @DisplayName("Keys are renewed at half of their life without a failed request, and revoked with their holder")
    void renewedWithoutAFailedRequestAndRevoked() throws Exception {
        try (var minio = RealMinio.start(Map.of());
                var client = TestCluster.client()) {
            minio.foreignClient(RealMinio.ROOT)
                    .makeBucket(MakeBucketArgs.builder().bucket("lake").build());
            minio.put("lake", "ours/a", "x");
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
            try {
                renew(minio, client);
            } finally {
                client.namespaces().withName(NAMESPACE).delete();
            }
        }
    }

    private static void renew(RealMinio minio, KubernetesClient client) throws Exception {
        var config = minio.config(RealMinio.ROOT);
        var spec = Specs.store("{endpoint: '%s', credentialsSecret: root}".formatted(minio.endpoint()));
        var clock = new MovedClock();
        var credentials = new ScopedCredentials(client, clock);
        try (var objects = Stores.connect(config)) {
            var store = new OpenStore("default", NAMESPACE, spec, config, objects, new MinioAdmin(config));
            var holder = new Holder(NAMESPACE, "tidemill-dataflow", null);
            credentials.ensure(store, holder, OPENINGS);
            var first = inSecret(client);

            // A pod goes on reading with what it was started with.
            var reads = new AtomicInteger();
            var failed = new AtomicInteger();
            var over = new AtomicBoolean();
            try (var pods = Executors.newVirtualThreadPerTaskExecutor()) {
                pods.execute(() -> readUntil(over, minio, first, reads, failed));
                awaitMore(reads, 20);
                clock.forward(HALF_A_LIFE);
                assertThat(credentials.ensure(store, holder, OPENINGS)).isInstanceOf(Outcome.Ready.class);
                var second = inSecret(client);
                assertThat(second.accessKey()).isNotEqualTo(first.accessKey());
                assertThat(minio.read(second, "lake", "ours/a")).isEqualTo("x");
                awaitMore(reads, 20);
                over.set(true);
            }
            assertThat(failed).hasValue(0);

            clock.forward(HALF_A_LIFE);
            credentials.ensure(store, holder, OPENINGS);
            var last = inSecret(client);
            assertThat(credentials.revoke(store, holder)).isTrue();
            assertThat(minio.read(last, "lake", "ours/a")).isEqualTo("InvalidAccessKeyId");
            assertThat(client.secrets()
                            .inNamespace(NAMESPACE)
                            .withName("tidemill-dataflow")
                            .get())
                    .isNull();
        }
    }

    private static void readUntil(
            AtomicBoolean over, RealMinio minio, Credentials keys, AtomicInteger reads, AtomicInteger failed) {
        while (!over.get()) {
            try {
                if (!minio.read(keys, "lake", "ours/a").equals("x")) {
                    failed.incrementAndGet();
                }
            } catch (Exception e) {
                failed.incrementAndGet();
            }
            reads.incrementAndGet();
        }
    }

    private static void awaitMore(AtomicInteger reads, int more) throws InterruptedException {
        var until = reads.get() + more;
        while (reads.get() < until) {
            Thread.sleep(10);
        }
    }

    private static Credentials inSecret(KubernetesClient client) {
        var data = client.secrets()
                .inNamespace(NAMESPACE)
                .withName("tidemill-dataflow")
                .get()
                .getData();
        return new Credentials(decoded(data.get("accessKey")), decoded(data.get("secretKey")));
    }

    private static String decoded(@Nullable String value) {
        return new String(Base64.getDecoder().decode(value), UTF_8);
    }
}
