package dev.tidemill.operator;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What {@code helm test} runs, in the operator's image: {@code InstallationCheck URL [OBJECTSTORE]} ends with 0 when the URL answers
 * 200 and the ObjectStore is Ready, and says otherwise what is not so.
 */
final class InstallationCheck {

    private InstallationCheck() {}

    public static void main(String... args) throws IOException, InterruptedException {
        var answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(args[0])).build(), BodyHandlers.ofString());
        System.out.printf("%s: %d %s%n", args[0], answer.statusCode(), answer.body());
        var well = answer.statusCode() == 200 && (args.length == 1 || storeIsReady(args[1]));
        // Threads of the client outlive it.
        System.exit(well ? 0 : 1);
    }

    private static boolean storeIsReady(String name) {
        try (var client = new KubernetesClientBuilder().build()) {
            var store = client.genericKubernetesResources("tidemill.dev/v1alpha1", "ObjectStore")
                    .withName(name)
                    .waitUntilCondition(now -> now != null && ready(now), 2, TimeUnit.MINUTES);
            System.out.println("objectstore/" + name + " is Ready: " + store.get("status"));
            return true;
        } catch (KubernetesClientTimeoutException e) {
            System.out.println("objectstore/%s is not Ready: kubectl describe objectstore %s".formatted(name, name));
            return false;
        }
    }

    private static boolean ready(GenericKubernetesResource store) {
        List<Map<String, Object>> conditions = store.get("status", "conditions");
        return conditions != null
                && conditions.stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.get("type")) && "True".equals(condition.get("status")));
    }
}
