package dev.tidemill.operator.events;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.FunctionSpec.EventSource;
import dev.tidemill.api.Json;
import dev.tidemill.operator.Containers;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.Names;
import dev.tidemill.operator.OperatorConfig;
import io.fabric8.knative.duck.v1.DeliverySpec;
import io.fabric8.knative.duck.v1.DeliverySpecBuilder;
import io.fabric8.knative.duck.v1.Destination;
import io.fabric8.knative.duck.v1.DestinationBuilder;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.BrokerBuilder;
import io.fabric8.knative.eventing.v1.SubscriptionsAPIFilter;
import io.fabric8.knative.eventing.v1.SubscriptionsAPIFilterBuilder;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.eventing.v1.TriggerBuilder;
import io.fabric8.knative.eventing.v1.TriggerFilter;
import io.fabric8.knative.eventing.v1alpha1.EventPolicy;
import io.fabric8.knative.eventing.v1alpha1.EventPolicyBuilder;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.knative.sources.v1.PingSourceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Brokers, Triggers and schedules. Values in, objects out. */
public final class EventingManifests {

    /** The broker that announcements go to and wake-ups come from. */
    public static final String BROKER = "default";

    public static final String COMPONENT = "events";
    static final String WAKE_UPS = "tidemill-wake-ups";
    static final String SENDERS = "tidemill-senders";

    /** The one annotation by which a Broker finds its implementation; it cannot be changed later. */
    private static final String CLASS = "eventing.knative.dev/broker.class";

    private static final ObjectMapper JSON = Json.mapper();
    /** After half a minute an event is a dead letter, and Knative's in-memory channel lets its sender go. */
    private static final int RETRIES = 5;

    private static final String BACKOFF = "PT1S";

    /** Kubernetes appends the time to it. */
    private static final int LONGEST_CRON_JOB = 52;

    private EventingManifests() {}

    /** @param brokerClass empty for the cluster's default */
    static Broker broker(String namespace, String brokerClass) {
        return new BrokerBuilder()
                .withNewMetadata()
                .withName(BROKER)
                .withNamespace(namespace)
                .withLabels(Labels.of(COMPONENT))
                .withAnnotations(brokerClass.isEmpty() ? null : Map.of(CLASS, brokerClass))
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }

    /** Leads hints that a Dataset may have changed to the operator. What is not delivered the next resync finds. */
    static Trigger wakeUps(String namespace, URI operator) {
        return new TriggerBuilder()
                .withNewMetadata()
                .withName(WAKE_UPS)
                .withNamespace(namespace)
                .withLabels(Labels.of(COMPONENT))
                .endMetadata()
                .withNewSpec()
                .withBroker(BROKER)
                .withNewFilter()
                .addToAttributes("type", EventTypes.DATASET_CHANGED)
                .endFilter()
                .withSubscriber(
                        new DestinationBuilder().withUri(operator.toString()).build())
                .withDelivery(delivery().build())
                .endSpec()
                .build();
    }

    /**
     * How a function is reached by deliveries.
     *
     * @param path below its address; null for the address itself
     * @param audience of the tokens that Eventing sends with them; null for none
     */
    public record Delivery(@Nullable String path, @Nullable String audience) {}

    /**
     * What leads a broker's events to a function.
     *
     * @param to where, at the function
     * @param deadLetters takes what the function could not be given
     */
    public static Trigger trigger(
            String namespace, String function, OwnerReference owner, EventSource event, Delivery to, URI deadLetters) {
        return new TriggerBuilder()
                .withNewMetadata()
                .withName(name(function, event.name()))
                .withNamespace(namespace)
                .withLabels(labels(function))
                .withOwnerReferences(owner)
                .endMetadata()
                .withNewSpec()
                .withBroker(broker(event))
                .withFilter(event.filters().isEmpty() ? new TriggerFilter(event.filter()) : null)
                .withFilters(filters(event))
                .withSubscriber(service(function, to))
                .withDelivery(delivery()
                        .withDeadLetterSink(new DestinationBuilder()
                                .withUri(deadLetters.toString())
                                .build())
                        .build())
                .endSpec()
                .build();
    }

    /**
     * Who may send to our broker where senders are known by tokens: the operator, for what it announces and passes on, and whoever runs in
     * the namespace, for Triggers and sources send as accounts of it.
     *
     * @param broker ours; it takes the policy along when it goes
     * @param operator its service account's name as a token has it
     */
    static EventPolicy senders(Broker broker, String operator) {
        var namespace = broker.getMetadata().getNamespace();
        return new EventPolicyBuilder()
                .withNewMetadata()
                .withName(SENDERS)
                .withNamespace(namespace)
                .withLabels(Labels.of(COMPONENT))
                .addNewOwnerReference()
                .withApiVersion("eventing.knative.dev/v1")
                .withKind("Broker")
                .withName(BROKER)
                .withUid(broker.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .addNewTo()
                .withNewRef("eventing.knative.dev/v1", "Broker", BROKER)
                .endTo()
                .addNewFrom()
                .withSub(operator)
                .endFrom()
                .addNewFrom()
                .withSub("system:serviceaccount:" + namespace + ":*")
                .endFrom()
                .endSpec()
                .build();
    }

    /** Where a Trigger has filters, Knative does not look at its filter: what is asked for there is one of them. */
    private static List<SubscriptionsAPIFilter> filters(EventSource event) {
        var filters = new ArrayList<SubscriptionsAPIFilter>();
        event.filters().forEach(filter -> filters.add(JSON.convertValue(filter, SubscriptionsAPIFilter.class)));
        if (!filters.isEmpty() && !event.filter().isEmpty()) {
            filters.add(new SubscriptionsAPIFilterBuilder()
                    .withExact(event.filter())
                    .build());
        }
        return filters;
    }

    /** @param to where, at the function */
    public static PingSource schedule(
            String namespace, String function, OwnerReference owner, EventSource event, Delivery to) {
        return new PingSourceBuilder()
                .withNewMetadata()
                .withName(name(function, event.name()))
                .withNamespace(namespace)
                .withLabels(labels(function))
                .withOwnerReferences(owner)
                .endMetadata()
                .withNewSpec()
                .withSchedule(event.schedule())
                .withTimezone("UTC")
                .withContentType("application/json")
                .withData(data(event))
                .withSink(service(function, to))
                .endSpec()
                .build();
    }

    /**
     * A schedule where no PingSource is served: a Job that sends the same event.
     *
     * @param image of the gate, which has the program
     * @param address where the function takes deliveries
     */
    public static CronJob cronJob(
            String namespace,
            String function,
            OwnerReference owner,
            EventSource event,
            String image,
            String imagePullPolicy,
            String address) {
        var name = name(function, event.name(), LONGEST_CRON_JOB);
        var container = Containers.of(
                        image,
                        imagePullPolicy,
                        List.of(
                                new EnvVar("RING_URL", address, null),
                                new EnvVar(
                                        "RING_SOURCE",
                                        "/apis/batch/v1/namespaces/%s/cronjobs/%s".formatted(namespace, name),
                                        null),
                                new EnvVar("RING_DATA", data(event), null),
                                // The same for each try of one Job.
                                new EnvVarBuilder()
                                        .withName("RING_ID")
                                        .withNewValueFrom()
                                        .withNewFieldRef(null, "metadata.labels['batch.kubernetes.io/job-name']")
                                        .endValueFrom()
                                        .build()),
                        new ResourceRequirementsBuilder()
                                .addToRequests("cpu", new Quantity("10m"))
                                .addToRequests("memory", new Quantity("48Mi"))
                                .addToLimits("memory", new Quantity("128Mi"))
                                .build(),
                        Containers.TMP)
                .withName("ring")
                .withCommand(OperatorConfig.SidecarImages.gateProgram("Ring"))
                .editSecurityContext()
                .withReadOnlyRootFilesystem(true)
                .endSecurityContext()
                .build();
        return new CronJobBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(labels(function))
                .withOwnerReferences(owner)
                .endMetadata()
                .withNewSpec()
                .withSchedule(event.schedule())
                .withTimeZone("Etc/UTC")
                .withConcurrencyPolicy("Allow")
                .withNewJobTemplate()
                .withNewSpec()
                .withBackoffLimit(RETRIES)
                .withTtlSecondsAfterFinished(3600)
                .withNewTemplate()
                .withNewMetadata()
                // Not the function's label: these are none of its pods.
                .withLabels(Labels.of(COMPONENT))
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withEnableServiceLinks(false)
                .withAutomountServiceAccountToken(false)
                .withContainers(container)
                .withVolumes(Containers.tmp())
                .endSpec()
                .endTemplate()
                .endSpec()
                .endJobTemplate()
                .endSpec()
                .build();
    }

    private static String data(EventSource event) {
        return "{\"name\":\"" + event.name() + "\"}";
    }

    /** The broker that an event of a function comes from. */
    public static String broker(EventSource event) {
        return event.broker() == null ? BROKER : event.broker();
    }

    /** Of both names, and of a checksum of them: {@code a-b} and {@code c} is not {@code a} and {@code b-c}. */
    public static String name(String function, String event) {
        return name(function, event, Names.LONGEST);
    }

    private static String name(String function, String event, int longest) {
        return Names.marked(longest, function + "-" + event, function + "/" + event);
    }

    private static SortedMap<String, String> labels(String function) {
        var labels = Labels.of(COMPONENT);
        labels.put(Labels.FUNCTION, function);
        return labels;
    }

    private static Destination service(String function, Delivery to) {
        return new DestinationBuilder()
                .withNewRef()
                .withApiVersion("serving.knative.dev/v1")
                .withKind("Service")
                .withName(function)
                .endRef()
                .withUri(to.path())
                .withAudience(to.audience())
                .build();
    }

    private static DeliverySpecBuilder delivery() {
        return new DeliverySpecBuilder(new DeliverySpec())
                .withRetry(RETRIES)
                .withBackoffPolicy("exponential")
                .withBackoffDelay(BACKOFF);
    }
}
