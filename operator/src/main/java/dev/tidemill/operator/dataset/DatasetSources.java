package dev.tidemill.operator.dataset;

import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.ServedKinds;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.ObjectStoreResource;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The kinds beside its own by which a Dataset is decided, and which Datasets a change of one wakes. */
final class DatasetSources {

    private DatasetSources() {}

    /** Of those that a cluster may lack. */
    static LateSources<DatasetResource> ofKnative(ServedKinds served) {
        return new LateSources<>(
                served,
                Map.of(
                        Service.class,
                                context -> source(Service.class, Labels.SELECTOR, context, DatasetSources::users),
                        Broker.class, context -> source(Broker.class, null, context, null),
                        Trigger.class,
                                context -> source(
                                        Trigger.class, Labels.SELECTOR + ",!" + Labels.FUNCTION, context, null)));
    }

    /** Of the others. */
    static List<EventSource<?, DatasetResource>> all(EventSourceContext<DatasetResource> context) {
        return List.of(
                source(NetworkPolicy.class, Labels.SELECTOR, context, null),
                source(ServiceAccount.class, Labels.SELECTOR, context, null),
                source(
                        FunctionResource.class,
                        null,
                        context,
                        function -> Needs.function(function.namespace(), function.name())),
                source(ModelResource.class, null, context, model -> Needs.model(model.namespace(), model.name())),
                source(ObjectStoreResource.class, null, context, store -> Needs.store(store.name())),
                source(
                        Namespace.class,
                        null,
                        context,
                        namespace -> Needs.namespace(namespace.getMetadata().getName())));
    }

    /** The service of a function or a model concerns those that name it, the data path's all of the namespace. */
    private static String users(Service service) {
        var namespace = service.getMetadata().getNamespace();
        var function = service.getMetadata().getLabels().get(Labels.FUNCTION);
        var model = service.getMetadata().getLabels().get(Labels.MODEL);
        if (model != null) {
            return Needs.model(namespace, model);
        }
        return function == null ? Needs.namespace(namespace) : Needs.function(namespace, function);
    }

    /** @param need what it is to the Datasets that a change of it wakes; null for what is only applied */
    private static <R extends HasMetadata> InformerEventSource<R, DatasetResource> source(
            Class<R> kind,
            @Nullable String selector,
            EventSourceContext<DatasetResource> context,
            @Nullable Function<R, String> need) {
        var configuration = InformerEventSourceConfiguration.from(kind, DatasetResource.class)
                .withSecondaryToPrimaryMapper(changed ->
                        need == null ? Set.of() : Needs.whoNeeds(need.apply(changed), context.getPrimaryCache()));
        if (selector != null) {
            configuration.withLabelSelector(selector);
        }
        return new InformerEventSource<>(configuration.build(), context);
    }
}
