package dev.tidemill.operator;

import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.BrokerBuilder;
import io.fabric8.knative.pkg.apis.ConditionBuilder;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.RevisionBuilder;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says on an API server without controllers what Knative would say. */
public final class KnativeSays {

    private KnativeSays() {}

    /** That its first revision answers. */
    public static void ready(KubernetesClient client, Service service, URI url) {
        var revision = service.getMetadata().getName() + "-00001";
        client.resources(Service.class)
                .inNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .editStatus(now -> new ServiceBuilder(now)
                        .withNewStatus()
                        .withObservedGeneration(now.getMetadata().getGeneration())
                        .withLatestCreatedRevisionName(revision)
                        .withLatestReadyRevisionName(revision)
                        .withNewAddress()
                        .withUrl(url.toString())
                        .endAddress()
                        .withConditions(Stream.of("ConfigurationsReady", "Ready", "RoutesReady")
                                .map(type -> new ConditionBuilder()
                                        .withType(type)
                                        .withStatus("True")
                                        .build())
                                .toList())
                        .endStatus()
                        .build());
    }

    /** Nothing, where a revision is deleted: it waits until that is so, and that what belonged to it is gone. */
    static void gone(KubernetesClient client, String namespace, String revision) {
        var found = client.resources(Revision.class).inNamespace(namespace).withName(revision);
        found.waitUntilCondition(
                now -> now != null && now.getMetadata().getDeletionTimestamp() != null, 90, TimeUnit.SECONDS);
        found.edit(now -> new RevisionBuilder(now)
                .editMetadata()
                .withFinalizers()
                .endMetadata()
                .build());
        found.waitUntilCondition(Objects::isNull, 90, TimeUnit.SECONDS);
    }

    public static void address(KubernetesClient client, Broker broker, URI url) {
        address(client, broker, url, null);
    }

    /** @param audience that tokens of senders must be for; null where senders show none */
    static void address(KubernetesClient client, Broker broker, URI url, @Nullable String audience) {
        address(client, broker, url, audience, null);
    }

    /** @param caCerts who signed the certificate that it shows; null for whom everybody knows */
    static void address(
            KubernetesClient client, Broker broker, URI url, @Nullable String audience, @Nullable String caCerts) {
        client.resources(Broker.class)
                .inNamespace(broker.getMetadata().getNamespace())
                .withName(broker.getMetadata().getName())
                .editStatus(now -> new BrokerBuilder(now)
                        .withNewStatus()
                        .withNewAddress()
                        .withUrl(Objects.toString(url))
                        .withAudience(audience)
                        .withCACerts(caCerts)
                        .endAddress()
                        .endStatus()
                        .build());
    }
}
