package dev.tidemill.functions.gate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Json;
import dev.tidemill.operator.TestCluster;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A gate in this process as the operator has placed it: with its pod's settings, words and token, and the API server's keys. */
record PlacedGate(KubernetesClient client, String namespace, Gate gate) implements AutoCloseable {

    /** @param port of the function behind it */
    static PlacedGate of(KubernetesClient client, String namespace, String function, int port, Path folder)
            throws Exception {
        account(client, namespace, "gate");
        var settings = settings(client, namespace, function, port, folder);
        return new PlacedGate(
                client, namespace, Gate.start(Settings.of(Map.of("PORT", "0", "TIDEMILL_GATE", settings))));
    }

    static void account(KubernetesClient client, String namespace, String name) {
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    /** What the gate is told. */
    static String told(Service service) {
        return service.getSpec().getTemplate().getSpec().getContainers().stream()
                .filter(container -> container.getName().equals("gate"))
                .map(Container::getEnv)
                .flatMap(List::stream)
                .filter(variable -> variable.getName().equals("TIDEMILL_GATE"))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    /** The same with the places of this machine for those of its pod. */
    private static String settings(KubernetesClient client, String namespace, String function, int port, Path folder)
            throws IOException {
        var told = told(await(client, namespace, Service.class, function, found -> found != null));
        var words = Files.createDirectory(folder.resolve("words"));
        var secret = await(client, namespace, Secret.class, "tidemill-deliveries-" + function, found -> found != null);
        for (var word : secret.getData().entrySet()) {
            Files.write(words.resolve(word.getKey()), Base64.getDecoder().decode(word.getValue()));
        }
        var config = client.getConfiguration();
        var ca = folder.resolve("ca.crt");
        if (config.getCaCertData() == null) {
            Files.copy(Path.of(config.getCaCertFile()), ca);
        } else {
            Files.write(ca, Base64.getDecoder().decode(config.getCaCertData()));
        }
        // As the pod of a function has it: of its own account, for the API server.
        var token = Files.writeString(folder.resolve("token"), token(client, namespace, "gate", List.of()));
        var settings = (ObjectNode) Json.mapper().readTree(told);
        settings.put("function", port)
                .put("keys", config.getMasterUrl())
                .put("ca", ca.toString())
                .put("token", token.toString())
                .put("deliveries", words.toString());
        return settings.toString();
    }

    static <R extends HasMetadata> R await(
            KubernetesClient client, String namespace, Class<R> kind, String name, Predicate<R> is) {
        return client.resources(kind)
                .inNamespace(namespace)
                .withName(name)
                .waitUntilCondition(is, TestCluster.PATIENCE, TimeUnit.SECONDS);
    }

    String token(String account, List<String> audiences) {
        return token(client, namespace, account, audiences);
    }

    private static String token(KubernetesClient client, String namespace, String account, List<String> audiences) {
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

    /** The status of an answer. */
    int call(String path, String token) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gate.port() + path))
                    .version(HttpClient.Version.HTTP_1_1);
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            return http.send(request.build(), BodyHandlers.discarding()).statusCode();
        }
    }

    @Override
    public void close() {
        gate.close();
    }
}
