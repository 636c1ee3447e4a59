package dev.tidemill.operator.function;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.FunctionSpec.EventSource;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeFeatures;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.events.DeliveryWords;
import dev.tidemill.operator.events.EventingManifests;
import dev.tidemill.operator.events.EventingManifests.Delivery;
import dev.tidemill.operator.events.EventsAddress;
import dev.tidemill.operator.events.LostEvents;
import dev.tidemill.operator.events.NamespaceBroker;
import io.fabric8.knative.duck.v1.AuthStatus;
import io.fabric8.knative.duck.v1.Destination;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.eventing.v1alpha1.EventPolicy;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Leads to a Function what it declares in {@code spec.events}: a Trigger for each filter, a PingSource for each schedule, or a CronJob
 * where those are not served.
 */
final class FunctionEvents {

    private static final String TYPE = "Events";

    private final NamespaceBroker broker;
    private final EventsAddress address;
    private final LostEvents lost;
    private final @Nullable DeliveryWords words;
    private final OperatorConfig config;
    private final KnativeFeatures features;
    private final LateSources<FunctionResource> sources;

    /** @param words what gates take for a delivery; null where there are no gates */
    FunctionEvents(
            NamespaceBroker broker,
            EventsAddress address,
            LostEvents lost,
            @Nullable DeliveryWords words,
            OperatorConfig config,
            KnativeFeatures features,
            LateSources<FunctionResource> sources) {
        this.broker = broker;
        this.address = address;
        this.lost = lost;
        this.words = words;
        this.config = config;
        this.features = features;
        this.sources = sources;
    }

    /**
     * As whom Eventing delivers to the function, where it shows tokens: each Trigger and each source has a service account of its own. The
     * function's gate is to let them in.
     */
    List<String> senders(
            FunctionResource function, Applier<FunctionResource> applier, Context<FunctionResource> context) {
        return byTokens()
                ? Stream.concat(
                                deliverers(Trigger.class, function, applier, context),
                                deliverers(PingSource.class, function, applier, context))
                        .map(FunctionEvents::account)
                        .flatMap(Optional::stream)
                        .map(account -> Callers.subject(function.namespace(), account))
                        .sorted()
                        .toList()
                : List.of();
    }

    private <R extends HasMetadata> Stream<R> deliverers(
            Class<R> kind,
            FunctionResource function,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context) {
        return sources.watches(kind, context)
                ? applier.list(kind, function.namespace(), Labels.FUNCTION, function.name())
                : Stream.empty();
    }

    private boolean byTokens() {
        return words != null && features.current().enabled(KnativeFeatures.OIDC);
    }

    private static Optional<String> account(HasMetadata deliverer) {
        var auth = switch (deliverer) {
            case Trigger trigger
            when trigger.getStatus() != null -> trigger.getStatus().getAuth();
            case PingSource source
            when source.getStatus() != null -> source.getStatus().getAuth();
            default -> null;
        };
        return Optional.ofNullable(auth).map(AuthStatus::getServiceAccountName);
    }

    /**
     * How events are delivered: by Eventing's token as soon as the gate that serves knows whose, and stays so; until then, and without that
     * feature, by the word in the address.
     *
     * @param served whether the gate of the latest revision serves
     */
    private Delivery delivery(
            FunctionResource function, EventSource event, Optional<? extends HasMetadata> now, boolean served) {
        if (!byTokens()) {
            return new Delivery(path(function, event), null);
        }
        var known = now.flatMap(FunctionEvents::account).isPresent();
        var already = now.map(FunctionEvents::destination)
                .filter(to -> to.getAudience() != null)
                .filter(to -> !String.valueOf(to.getUri()).contains(DeliveryWords.DELIVER))
                .isPresent();
        return new Delivery(
                known && (served || already) ? matching(event) : path(function, event),
                GatedPod.audience(function.namespace(), function.name()));
    }

    private static Destination destination(HasMetadata deliverer) {
        return switch (deliverer) {
            case Trigger trigger -> trigger.getSpec().getSubscriber();
            case PingSource source -> source.getSpec().getSink();
            default -> throw new IllegalArgumentException(deliverer.getKind());
        };
    }

    /** What is known of who sends; empty for a Function that no broker's events call. */
    Optional<Verdict> senderNote(
            FunctionResource function, Applier<FunctionResource> applier, Context<FunctionResource> context) {
        var type = "SendersKnown";
        if (function.getSpec().events().stream().noneMatch(event -> event.schedule() == null)) {
            return Optional.empty();
        }
        if (!byTokens()) {
            return Optional.of(
                    Verdict.no(
                            type,
                            "NoTokens",
                            "whoever reaches the broker may send: enable authentication-oidc in Knative Eventing's ConfigMap config-features, and set images.gate of the chart"));
        }
        if (!sources.watches(EventPolicy.class, context)) {
            return Optional.of(
                    Verdict.no(
                            type,
                            "EventPolicyMissing",
                            "whoever has a token may send to the broker, for this cluster serves no EventPolicy: install Knative Eventing 1.16 or later"));
        }
        return Optional.of(
                broker.restrict(function.namespace(), applier)
                        ? Verdict.yes(type, "EventPolicy")
                        : Verdict.no(
                                type,
                                "BrokerOfOthers",
                                "the broker default is not Tidemill's, and who may send to it is for its owner to say: apply an EventPolicy"));
    }

    /** Brings them about and takes away what is no longer declared; empty for a Function without events. */
    Optional<Verdict> ensure(
            FunctionResource function,
            OwnerReference owner,
            boolean served,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context) {
        var events = function.getSpec().events();
        var made = new HashSet<String>();
        var verdicts = new ArrayList<Verdict>();
        for (var event : events) {
            verdicts.add(
                    event.schedule() == null
                            ? trigger(function, owner, event, served, applier, context, made)
                            : schedule(function, owner, event, served, applier, context, made));
        }
        prune(Trigger.class, function, made, applier, context);
        prune(PingSource.class, function, made, applier, context);
        if (config.sidecars().gated()) {
            prune(CronJob.class, function, made, applier, context);
        }
        return worst(verdicts);
    }

    /** What it leaves of the namespace's broker when it goes; its own objects go with it. */
    void leave(FunctionResource function) {
        if (function.getSpec().events().stream().anyMatch(event -> event.schedule() == null)) {
            broker.release(function.namespace(), function.name());
        }
    }

    private Verdict trigger(
            FunctionResource function,
            OwnerReference owner,
            EventSource event,
            boolean served,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context,
            Set<String> made) {
        if (!sources.watches(Broker.class, context) || !sources.watches(Trigger.class, context)) {
            return Verdict.no(
                    TYPE,
                    "EventingMissing",
                    "spec.events %s wants a Trigger, and this cluster serves none: install Knative Eventing"
                            .formatted(event.name()));
        }
        var namespace = function.namespace();
        var from = EventingManifests.broker(event);
        if (from.equals(EventingManifests.BROKER)) {
            broker.ensure(namespace, applier);
        } else if (applier.find(Broker.class, namespace, from).isEmpty()) {
            return Verdict.no(
                    TYPE,
                    "BrokerMissing",
                    "spec.events %s names the broker %s, which is not in this namespace: create it"
                            .formatted(event.name(), from));
        }
        var before = applier.find(Trigger.class, namespace, EventingManifests.name(function.name(), event.name()));
        var trigger = applier.apply(EventingManifests.trigger(
                namespace,
                function.name(),
                owner,
                event,
                delivery(function, event, before, served),
                address.deadLetters(namespace, function.name())));
        made.add(trigger.getMetadata().getName());
        if (trigger.getStatus() != null && trigger.getStatus().getSubscriberUri() != null) {
            // The operator has no token of Eventing's: it goes by the word.
            var subscriber = URI.create(trigger.getStatus().getSubscriberUri());
            var path = path(function, event);
            lost.redrive(function, path == null ? subscriber : subscriber.resolve(path));
        }
        return KnativeReadiness.verdict(TYPE, trigger);
    }

    private Verdict schedule(
            FunctionResource function,
            OwnerReference owner,
            EventSource event,
            boolean served,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context,
            Set<String> made) {
        if (!sources.watches(PingSource.class, context)) {
            return cronJob(function, owner, event, applier, context, made);
        }
        var before = applier.find(
                PingSource.class, function.namespace(), EventingManifests.name(function.name(), event.name()));
        var source = applier.apply(EventingManifests.schedule(
                function.namespace(), function.name(), owner, event, delivery(function, event, before, served)));
        made.add(source.getMetadata().getName());
        return KnativeReadiness.verdict(TYPE, source);
    }

    private Verdict cronJob(
            FunctionResource function,
            OwnerReference owner,
            EventSource event,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context,
            Set<String> made) {
        var gate = config.sidecars().gate();
        if (gate.isEmpty() || !sources.watches(CronJob.class, context)) {
            return Verdict.no(
                    TYPE,
                    "SchedulesMissing",
                    "spec.events %s has a schedule, and this cluster serves no PingSource: install Knative Eventing, or set images.gate of the chart for a CronJob in its place"
                            .formatted(event.name()));
        }
        var status = function.getStatus();
        if (status == null || status.url() == null) {
            return Verdict.unknown(TYPE, "Deploying", "the function has no address yet");
        }
        var job = applier.apply(EventingManifests.cronJob(
                function.namespace(),
                function.name(),
                owner,
                event,
                gate,
                config.imagePullPolicy(),
                status.url() + Objects.requireNonNullElse(path(function), "/")));
        made.add(job.getMetadata().getName());
        return Verdict.yes(TYPE, "Scheduled");
    }

    /** Where its gate takes deliveries. */
    private @Nullable String path(FunctionResource function) {
        return words == null ? null : words.path(function.namespace(), function.name());
    }

    /** Where it takes those of an event by a word. */
    private @Nullable String path(FunctionResource function, EventSource event) {
        var path = path(function);
        var matching = matching(event);
        return path == null || matching == null ? path : matching + path.substring(1);
    }

    /** Where the gate looks at the data first, for Triggers do not; null for an event without a detail. */
    private static @Nullable String matching(EventSource event) {
        return event.detail() == null ? null : "/_tidemill/matching/" + event.name() + "/";
    }

    private <R extends HasMetadata> void prune(
            Class<R> kind,
            FunctionResource function,
            Set<String> made,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context) {
        if (sources.watches(kind, context)) {
            applier.list(kind, function.namespace(), Labels.FUNCTION, function.name())
                    .filter(object -> !made.contains(object.getMetadata().getName()))
                    .forEach(object -> applier.delete(
                            kind, function.namespace(), object.getMetadata().getName()));
        }
    }

    private static Optional<Verdict> worst(List<Verdict> verdicts) {
        return Stream.of(Status.False, Status.Unknown, Status.True)
                .flatMap(status -> verdicts.stream().filter(verdict -> verdict.status() == status))
                .findFirst();
    }
}
