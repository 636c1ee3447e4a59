package dev.tidemill.operator.function;

import dev.tidemill.api.BoundDatasets;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.Function;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.dataset.DatasetResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.HashSet;
import java.util.Optional;

/** Declares the Datasets that a Function's bindings with {@code scale} stand for, and takes away those that none stands for any more. */
final class FunctionDatasets {

    private static final String COMPONENT = "binding";

    private FunctionDatasets() {}

    /** Empty when all is as it should be; a Dataset of somebody else that has such a name is left alone, and named. */
    static Optional<Verdict> ensure(
            FunctionResource function, OwnerReference owner, Context<FunctionResource> context) {
        var client = context.getClient();
        var informer = informer(context);
        var wanted = new HashSet<String>();
        for (var dataset : BoundDatasets.of(new Function(function.metadataRecord(), function.getSpec()))) {
            var name = dataset.metadata().name();
            wanted.add(name);
            var found = informer.get(new ResourceID(name, function.namespace()));
            if (found.isPresent() && !isOf(found.get(), owner)) {
                return Optional.of(Verdict.no(
                        "Datasets",
                        "NameTaken",
                        "spec.data declares the Dataset %s, and there is one that is not this Function's: rename the binding or that Dataset"
                                .formatted(name)));
            }
            if (found.isEmpty() || !found.get().getSpec().equals(dataset.spec())) {
                apply(client, function, owner, dataset);
            }
        }
        informer.list(function.namespace(), dataset -> isOf(dataset, owner) && !wanted.contains(dataset.name()))
                .filter(dataset -> dataset.getMetadata().getDeletionTimestamp() == null)
                .forEach(dataset -> client.resource(dataset).delete());
        return Optional.empty();
    }

    private static void apply(
            KubernetesClient client, FunctionResource function, OwnerReference owner, Dataset dataset) {
        var labels = Labels.of(COMPONENT);
        labels.put(Labels.FUNCTION, function.name());
        var desired = new DatasetResource();
        desired.setMetadata(new ObjectMetaBuilder()
                .withName(dataset.metadata().name())
                .withNamespace(function.namespace())
                .withLabels(labels)
                .withOwnerReferences(owner)
                .build());
        desired.setSpec(dataset.spec());
        client.resource(desired).fieldManager(Labels.MANAGER).forceConflicts().serverSideApply();
    }

    private static boolean isOf(DatasetResource dataset, OwnerReference owner) {
        return dataset.getMetadata().getOwnerReferences().stream()
                .anyMatch(reference -> reference.getUid().equals(owner.getUid()));
    }

    @SuppressWarnings("unchecked")
    private static InformerEventSource<DatasetResource, FunctionResource> informer(Context<FunctionResource> context) {
        return (InformerEventSource<DatasetResource, FunctionResource>)
                (InformerEventSource<?, ?>) context.eventSourceRetriever().getEventSourceFor(DatasetResource.class);
    }
}
