package dev.tidemill.operator.function;

import dev.tidemill.api.BoundDatasets;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.Function;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.dataset.Datasets;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Declares the Datasets that a Function's bindings with {@code scale} stand for, and takes away those that none stands for any more. */
final class FunctionDatasets {

    private static final String COMPONENT = "binding";
    private static final String CONDITION = "Datasets";

    private FunctionDatasets() {}

    /** Empty when all is as it should be; a Dataset of somebody else that has such a name is left alone, and named. */
    static Optional<Verdict> ensure(
            FunctionResource function, OwnerReference owner, Datasets datasets, KubernetesClient client) {
        var there = datasets.in(function.namespace()).toList();
        var wanted = new HashSet<String>();
        List<Dataset> declared;
        try {
            declared = BoundDatasets.of(new Function(function.metadataRecord(), function.getSpec()));
        } catch (IllegalArgumentException e) {
            return Optional.of(Verdict.no(CONDITION, "BindingRefused", String.valueOf(e.getMessage())));
        }
        for (var dataset : declared) {
            var name = dataset.metadata().name();
            wanted.add(name);
            var found = there.stream().filter(each -> each.name().equals(name)).findFirst();
            if (found.isPresent() && !isOf(found.get(), owner)) {
                return Optional.of(Verdict.no(
                        CONDITION,
                        "NameTaken",
                        "spec.data declares the Dataset %s, and there is one that is not this Function's: rename the binding or that Dataset"
                                .formatted(name)));
            }
            if (found.isEmpty() || !found.get().getSpec().equals(dataset.spec())) {
                apply(client, function, owner, dataset);
            }
        }
        there.stream()
                .filter(dataset -> isOf(dataset, owner) && !wanted.contains(dataset.name()))
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
}
