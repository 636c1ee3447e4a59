package dev.tidemill.operator.function;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.FunctionSpec.EventSource;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.events.DeliveryWords;
import dev.tidemill.operator.events.EventingManifests;
import dev.tidemill.operator.events.EventsAddress;
import dev.tidemill.operator.events.LostEvents;
import dev.tidemill.operator.events.NamespaceBroker;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
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
    private final LateSources<FunctionResource> sources;

    /** @param words what gates take for a delivery; null where there are no gates */
    FunctionEvents(
            NamespaceBroker broker,
            EventsAddress address,
            LostEvents lost,
            @Nullable DeliveryWords words,
            OperatorConfig config,
            LateSources<FunctionResource> sources) {
        this.broker = broker;
        this.address = address;
        this.lost = lost;
        this.words = words;
        this.config = config;
        this.sources = sources;
    }

    /** Brings them about and takes away what is no longer declared; empty for a Function without events. */
    Optional<Verdict> ensure(
            FunctionResource function,
            OwnerReference owner,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context) {
        var events = function.getSpec().events();
        var made = new HashSet<String>();
        var verdicts = new ArrayList<Verdict>();
        for (var event : events) {
            verdicts.add(
                    event.schedule() == null
                            ? trigger(function, owner, event, applier, context, made)
                            : schedule(function, owner, event, applier, context, made));
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
        var trigger = applier.apply(EventingManifests.trigger(
                namespace,
                function.name(),
                owner,
                event,
                path(function, event),
                address.deadLetters(namespace, function.name())));
        made.add(trigger.getMetadata().getName());
        if (trigger.getStatus() != null && trigger.getStatus().getSubscriberUri() != null) {
            lost.redrive(function, URI.create(trigger.getStatus().getSubscriberUri()));
        }
        return KnativeReadiness.verdict(TYPE, trigger);
    }

    private Verdict schedule(
            FunctionResource function,
            OwnerReference owner,
            EventSource event,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context,
            Set<String> made) {
        if (!sources.watches(PingSource.class, context)) {
            return cronJob(function, owner, event, applier, context, made);
        }
        var source = applier.apply(
                EventingManifests.schedule(function.namespace(), function.name(), owner, event, path(function)));
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

    /** Where it takes those of an event; it looks at the data first where the event has a detail, for Triggers do not. */
    private @Nullable String path(FunctionResource function, EventSource event) {
        var path = path(function);
        return path == null || event.detail() == null ? path : "/_tidemill/matching/" + event.name() + path;
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
