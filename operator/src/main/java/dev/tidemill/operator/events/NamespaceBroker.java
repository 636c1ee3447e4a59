package dev.tidemill.operator.events;

import dev.tidemill.operator.Applier;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.OperatorConfig;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Objects;

/** A namespace's broker {@code default}: made where there is none, never touched where somebody else made it. */
public final class NamespaceBroker {

    private final KubernetesClient client;
    private final OperatorConfig config;
    private final EventsAddress address;

    public NamespaceBroker(KubernetesClient client, OperatorConfig config, EventsAddress address) {
        this.client = client;
        this.config = config;
        this.address = address;
    }

    /** Makes the broker be there. */
    public <P extends HasMetadata> void ensure(String namespace, Applier<P> applier) {
        var found = applier.find(Broker.class, namespace, EventingManifests.BROKER);
        if (found.isEmpty() || isOurs(found.get())) {
            applier.apply(EventingManifests.broker(namespace, config.brokerClass()));
        }
    }

    /** Makes the broker, where it is ours, take events of whom it should, and of nobody else; false where it is somebody else's. */
    public <P extends HasMetadata> boolean restrict(String namespace, Applier<P> applier) {
        var found = applier.find(Broker.class, namespace, EventingManifests.BROKER);
        if (found.isEmpty() || !isOurs(found.get())) {
            return false;
        }
        applier.apply(EventingManifests.senders(found.get(), SenderTokens.subject(config.namespace())));
        return true;
    }

    /** Makes what is sent to the broker about Datasets reach the operator. */
    public <P extends HasMetadata> void leadToOperator(String namespace, Applier<P> applier) {
        ensure(namespace, applier);
        applier.apply(EventingManifests.wakeUps(namespace, address.wakeUps(namespace)));
    }

    /** The last Dataset of the namespace has gone. */
    public void leave(String namespace) {
        client.resources(Trigger.class)
                .inNamespace(namespace)
                .withName(EventingManifests.WAKE_UPS)
                .delete();
        release(namespace, "");
    }

    /**
     * Takes the broker away that the operator made, when no Trigger of anybody uses it any more.
     *
     * @param function whose Triggers go as well, or empty
     */
    public void release(String namespace, String function) {
        var brokers = client.resources(Broker.class).inNamespace(namespace).withName(EventingManifests.BROKER);
        // Null as well where the cluster serves no Brokers.
        var broker = brokers.get();
        if (broker == null || !isOurs(broker)) {
            return;
        }
        var isUsed = client.resources(Trigger.class).inNamespace(namespace).list().getItems().stream()
                .filter(trigger -> !belongsTo(trigger, function))
                .anyMatch(trigger ->
                        EventingManifests.BROKER.equals(trigger.getSpec().getBroker()));
        if (!isUsed) {
            brokers.delete();
        }
    }

    private static boolean belongsTo(Trigger trigger, String function) {
        var labels = trigger.getMetadata().getLabels();
        return trigger.getMetadata().getDeletionTimestamp() != null
                || labels != null && !function.isEmpty() && function.equals(labels.get(Labels.FUNCTION));
    }

    private static boolean isOurs(Broker broker) {
        var labels = broker.getMetadata().getLabels();
        return labels != null && Objects.equals(labels.get(Labels.MANAGED_BY), Labels.MANAGER);
    }
}
