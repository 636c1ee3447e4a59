package dev.tidemill.functions.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tidemill.operator.TestCluster;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gate with tokens that a real kube-apiserver issues, and with the issuer and keys that it publishes. */
class GateOnApiServerIT {

    private static final String AUDIENCE = "http://mean.lab.svc.cluster.local";

    private final List<String> callers = new CopyOnWriteArrayList<>();
    private final HttpServer function;
    private KubernetesClient client;
    private String namespace;
    private Gate gate;

    GateOnApiServerIT() throws IOException {
        function = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        function.createContext("/", call -> {
            callers.add(call.getRequestHeaders().getFirst("Tidemill-Caller"));
            call.sendResponseHeaders(204, -1);
            call.close();
        });
        function.start();
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException, InterruptedException {
        client = TestCluster.client();
        namespace = client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withGenerateName("gate-it-")
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getName();
        for (String account : List.of("gate", "pipeline", "other")) {
            client.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName(account)
                            .withNamespace(namespace)
                            .endMetadata()
                            .build())
                    .create();
        }
        var config = client.getConfiguration();
        Path ca = folder.resolve("ca.crt");
        if (config.getCaCertData() == null) {
            Files.copy(Path.of(config.getCaCertFile()), ca);
        } else {
            Files.write(ca, Base64.getDecoder().decode(config.getCaCertData()));
        }
        // As the pod of a function has it: of its own account, for the API server.
        Path token = Files.writeString(folder.resolve("token"), token("gate", List.of()));
        gate = Gate.start(new Settings(
                0,
                new Settings.Access(
                        function.getAddress().getPort(),
                        AUDIENCE,
                        List.of(subject("pipeline")),
                        URI.create(config.getMasterUrl()),
                        ca,
                        token,
                        null)));
    }

    @AfterEach
    void end() {
        gate.close();
        function.stop(0);
        client.namespaces().withName(namespace).delete();
        client.close();
    }

    @Test
    void theDeclaredAccountGetsThroughAndNoOther() throws Exception {
        assertThat(call(token("pipeline", List.of(AUDIENCE)))).isEqualTo(204);
        assertThat(callers).containsExactly(subject("pipeline"));
        assertThat(call(token("other", List.of(AUDIENCE)))).isEqualTo(403);
        assertThat(call(token("pipeline", List.of("http://other.lab.svc.cluster.local"))))
                .isEqualTo(401);
        assertThat(call(token("pipeline", List.of())))
                .as("a token for the API server")
                .isEqualTo(401);
        assertThat(callers).hasSize(1);
    }

    private String subject(String account) {
        return "system:serviceaccount:%s:%s".formatted(namespace, account);
    }

    private String token(String account, List<String> audiences) {
        return client.serviceAccounts()
                .inNamespace(namespace)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(audiences)
                        .withExpirationSeconds(600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    private int call(String token) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gate.port() + "/"))
                    .version(HttpClient.Version.HTTP_1_1)
                    .header("Authorization", "Bearer " + token)
                    .build();
            return http.send(request, BodyHandlers.discarding()).statusCode();
        }
    }
}
