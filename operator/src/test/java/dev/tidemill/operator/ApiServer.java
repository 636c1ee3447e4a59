package dev.tidemill.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.FunctionStatus;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.api.ObjectStoreStatus;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.ObjectStoreResource;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the tests do and see on a kube-apiserver. Who waits in vain is told what became of all. */
record ApiServer(KubernetesClient client) {

    /** One with all that the operator looks at, and a namespace of that name with the keys of a store. */
    static ApiServer with(String namespace) throws IOException, InterruptedException {
        var api = new ApiServer(TestCluster.client());
        TestCluster.install(api.client);
        TestCluster.defineIfAbsent(api.client, "knative/serving-crds.yaml");
        TestCluster.defineIfAbsent(api.client, "knative/eventing-crds.yaml");
        api.namespace(namespace);
        api.secret(namespace, Map.of("accessKey", "minioadmin", "secretKey", "minioadmin"));
        return api;
    }

    /** An ObjectStore whose bucket {@code lake} is granted to that namespace, as far as it lies under {@code ours/}. */
    void store(String name, String namespace, RealMinio minio, String dialect) {
        create("""
                kind: ObjectStore
                metadata: {name: %1$s}
                spec:
                  endpoint: %2$s
                  dialect: %4$s
                  credentialsSecret: %3$s
                  grants:
                  - {name: ours, namespaces: {matchLabels: {team: %3$s}}, bucket: lake, prefix: ours/, access: ReadWrite}
                """.formatted(name, minio.endpoint(), namespace, dialect));
        awaitCondition(ObjectStoreResource.class, null, name, "Ready", Status.True, "Measured");
    }

    /** Takes all of a namespace away that the operator looks at. */
    void clear(String namespace) {
        for (var kind : List.of(DatasetResource.class, ModelResource.class, FunctionResource.class)) {
            client.resources(kind).inNamespace(namespace).delete();
            await(kind, namespace, List::isEmpty);
        }
    }

    /** The same, with the namespace and the store of its name. */
    void leave(String namespace) {
        clear(namespace);
        forgetStore(namespace);
        client.namespaces().withName(namespace).delete();
    }

    void namespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("team", name)
                        .endMetadata()
                        .build())
                .create();
    }

    /** In the operator's namespace. */
    void secret(String name, Map<String, String> values) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(GoldenConfig.CONFIG.namespace())
                        .endMetadata()
                        .withStringData(values)
                        .build())
                .create();
    }

    /** Takes an ObjectStore away, with its Secret of that name, and the one of its notifications. */
    void forgetStore(String name) {
        delete(ObjectStoreResource.class, null, name);
        for (var secret : List.of(name, "tidemill-store-events-" + name)) {
            client.secrets()
                    .inNamespace(GoldenConfig.CONFIG.namespace())
                    .withName(secret)
                    .delete();
        }
    }

    /** @param yaml without the {@code apiVersion}, which is ours */
    void create(String yaml) {
        client.load(new ByteArrayInputStream(("apiVersion: tidemill.dev/v1alpha1\n" + yaml).getBytes(UTF_8)))
                .create();
    }

    /** @param namespace null for what is cluster-scoped */
    <R extends HasMetadata> Resource<R> resource(Class<R> kind, @Nullable String namespace, String name) {
        return namespace == null
                ? client.resources(kind).withName(name)
                : client.resources(kind).inNamespace(namespace).withName(name);
    }

    <R extends HasMetadata> void delete(Class<R> kind, @Nullable String namespace, String name) {
        resource(kind, namespace, name).delete();
        await(kind, namespace, name, Objects::isNull);
    }

    /** @param condition of what is there, or of null */
    <R extends HasMetadata> R await(
            Class<R> kind, @Nullable String namespace, String name, Predicate<@Nullable R> condition) {
        try {
            return resource(kind, namespace, name)
                    .waitUntilCondition(condition::test, TestCluster.PATIENCE, TimeUnit.SECONDS);
        } catch (KubernetesClientTimeoutException e) {
            throw new AssertionError(
                    "waited in vain for %s %s; %s".formatted(kind.getSimpleName(), name, told(namespace)), e);
        }
    }

    <R extends HasMetadata> List<R> await(Class<R> kind, String namespace, Predicate<List<R>> condition) {
        try {
            return client.resources(kind)
                    .inNamespace(namespace)
                    .informOnCondition(condition::test)
                    .orTimeout(TestCluster.PATIENCE, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            throw new AssertionError(
                    "waited in vain for each %s; %s".formatted(kind.getSimpleName(), told(namespace)), e);
        }
    }

    /** All that the operator says of the namespace, and of stores. */
    private String told(@Nullable String namespace) {
        return Stream.of(ObjectStoreResource.class, DatasetResource.class, FunctionResource.class, ModelResource.class)
                .flatMap(kind -> client.resources(kind).inAnyNamespace().list().getItems().stream())
                .filter(resource ->
                        resource.namespace() == null || resource.namespace().equals(namespace))
                .map(resource -> resource.reference() + ": "
                        + conditions(resource).stream()
                                .map(condition -> "%s %s %s %s"
                                        .formatted(
                                                condition.type(),
                                                condition.status(),
                                                condition.reason(),
                                                condition.message()))
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("\n"));
    }

    static Predicate<HasMetadata> named(String name) {
        return object -> object.getMetadata().getName().equals(name);
    }

    /** Says of that Service, as soon as it is there, that it answers at the address. */
    void serves(String namespace, String name, URI address) {
        var service = await(Service.class, namespace, found -> found.stream().anyMatch(named(name))).stream()
                .filter(named(name))
                .findFirst()
                .orElseThrow();
        KnativeSays.ready(client, service, address);
    }

    /** @return the condition's message */
    <R extends TidemillResource<?, ?>> String awaitCondition(
            Class<R> kind, @Nullable String namespace, String name, String type, Status status, String reason) {
        var found = awaitSaying(kind, namespace, name, type, status, reason);
        return condition(found, type, status, reason).orElseThrow().message();
    }

    /** @return the resource with that condition */
    <R extends TidemillResource<?, ?>> R awaitSaying(
            Class<R> kind, @Nullable String namespace, String name, String type, Status status, String reason) {
        return await(
                kind,
                namespace,
                name,
                now -> now != null && condition(now, type, status, reason).isPresent());
    }

    static List<Condition> conditions(TidemillResource<?, ?> resource) {
        return switch (resource.getStatus()) {
            case DatasetStatus dataset -> dataset.conditions();
            case ObjectStoreStatus store -> store.conditions();
            case ModelStatus model -> model.conditions();
            case FunctionStatus function -> function.conditions();
            case null, default -> List.of();
        };
    }

    private static Optional<Condition> condition(
            TidemillResource<?, ?> resource, String type, Status status, String reason) {
        return conditions(resource).stream()
                .filter(condition -> condition.type().equals(type)
                        && condition.status() == status
                        && condition.reason().equals(reason))
                .findFirst();
    }
}
