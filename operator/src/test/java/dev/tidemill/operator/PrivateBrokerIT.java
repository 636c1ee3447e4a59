package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.operator.events.Brokers;
import dev.tidemill.operator.events.SenderTokens;
import io.fabric8.knative.eventing.v1.BrokerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker as Knative Eventing with {@code transport-encryption} has it, on a real kube-apiserver. */
@DisplayName("A broker with a certificate authority of its own")
class PrivateBrokerIT {

    private static final String NS = "tls-" + UUID.randomUUID().toString().substring(0, 8);
    private static final Event EVENT =
            new Event("1", "here", "dev.tidemill.test", "it", "application/json", Map.of(), new byte[] {'1'});

    @Test
    @DisplayName("It gets events by the certificates in its address, and none without them")
    void isTrustedByItsAddress(@TempDir Path folder) throws Exception {
        var ca = TestCa.create(folder, "localhost");
        var came = new LinkedBlockingQueue<String>();
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(folder)));
        server.createContext("/", exchange -> {
            try (exchange) {
                came.add(exchange.getRequestHeaders().getFirst("ce-type"));
                exchange.sendResponseHeaders(202, -1);
            }
        });
        server.start();
        try (var client = TestCluster.client();
                var served = new ServedKinds(client);
                var http = new HttpFunctionClient();
                var brokers = new Brokers(
                        client, served, http, new SenderTokens(client, GoldenConfig.CONFIG, Clock.systemUTC()))) {
            TestCluster.defineIfAbsent(client, "knative/eventing-crds.yaml");
            new ApiServer(client).namespace(NS);
            try {
                var broker = client.resource(new BrokerBuilder()
                                .withNewMetadata()
                                .withName("default")
                                .withNamespace(NS)
                                .endMetadata()
                                .build())
                        .create();
                var url = URI.create("https://localhost:" + server.getAddress().getPort() + "/" + NS + "/default");

                KnativeSays.address(client, broker, url, null, null);
                assertThatThrownBy(() -> brokers.announce(NS, EVENT))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("PKIX");
                KnativeSays.address(client, broker, url, null, "not a certificate");
                assertThatThrownBy(() -> brokers.announce(NS, EVENT))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("status.address.CACerts of broker default of namespace " + NS);
                assertThat(came).isEmpty();

                KnativeSays.address(client, broker, url, null, ca.pem());
                brokers.announce(NS, EVENT);
                assertThat(came.poll(TestCluster.PATIENCE, TimeUnit.SECONDS)).isEqualTo("dev.tidemill.test");
            } finally {
                client.namespaces().withName(NS).delete();
            }
        } finally {
            server.stop(0);
        }
    }

    private static SSLContext tls(Path folder) throws IOException, GeneralSecurityException {
        var password = "changeit".toCharArray();
        var keys = KeyStore.getInstance(folder.resolve("keys.p12").toFile(), password);
        // What is shown is the server's certificate, and not that of its authority.
        keys.deleteEntry("ca");
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, password);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
