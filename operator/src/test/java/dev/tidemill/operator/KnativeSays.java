package dev.tidemill.operator;

import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.BrokerBuilder;
import io.fabric8.knative.pkg.apis.ConditionBuilder;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.RevisionBuilder;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.knative.serving.v1.TrafficTargetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says on an API server without controllers what Knative would say. */
public final class KnativeSays {

    private KnativeSays() {}

    /** That its newest revision answers. */
    public static void ready(KubernetesClient client, Service service, URI url) {
        var meta = service.getMetadata();
        var revision = "%s-%05d".formatted(meta.getName(), meta.getGeneration());
        made(client, service, revision);
        client.resources(Service.class)
                .inNamespace(meta.getNamespace())
                .withName(meta.getName())
                .editStatus(now -> new ServiceBuilder(now)
                        .withNewStatus()
                        .withObservedGeneration(now.getMetadata().getGeneration())
                        .withLatestCreatedRevisionName(revision)
                        .withLatestReadyRevisionName(revision)
                        .withNewAddress()
                        .withUrl(url.toString())
                        .endAddress()
                        .withTraffic(now.getSpec().getTraffic().stream()
                                .map(part -> new TrafficTargetBuilder(part)
                                        .withRevisionName(revision)
                                        .withUrl(part.getTag() == null ? null : url.toString())
                                        .build())
                                .toList())
                        .withConditions(Stream.of("ConfigurationsReady", "Ready", "RoutesReady")
                                .map(type -> new ConditionBuilder()
                                        .withType(type)
                                        .withStatus("True")
                                        .build())
                                .toList())
                        .endStatus()
                        .build());
    }

    /** Makes a revision of the service as it is, unless there is one of that name. */
    public static void made(KubernetesClient client, Service service, String revision) {
        var revisions = client.resources(Revision.class)
                .inNamespace(service.getMetadata().getNamespace());
        if (revisions.withName(revision).get() == null) {
            var template = service.getSpec().getTemplate();
            revisions
                    .resource(new RevisionBuilder()
                            .withNewMetadata()
                            .withName(revision)
                            .withNamespace(service.getMetadata().getNamespace())
                            .withAnnotations(template.getMetadata().getAnnotations())
                            .endMetadata()
                            .withSpec(template.getSpec())
                            .build())
                    .create();
        }
    }

    /** Nothing, where a revision is deleted: it waits until that is so, and that what belonged to it is gone. */
    static void gone(KubernetesClient client, String namespace, String revision) {
        var found = client.resources(Revision.class).inNamespace(namespace).withName(revision);
        found.waitUntilCondition(
                now -> now != null && now.getMetadata().getDeletionTimestamp() != null,
                TestCluster.PATIENCE,
                TimeUnit.SECONDS);
        found.edit(now -> new RevisionBuilder(now)
                .editMetadata()
                .withFinalizers()
                .endMetadata()
                .build());
        found.waitUntilCondition(Objects::isNull, TestCluster.PATIENCE, TimeUnit.SECONDS);
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
