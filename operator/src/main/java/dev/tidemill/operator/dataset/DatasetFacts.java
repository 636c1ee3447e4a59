package dev.tidemill.operator.dataset;

import dev.tidemill.api.DatasetSpec;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.OpenStore;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What there is when a Dataset is looked at.
 *
 * @param store null while it is not there or not usable
 * @param storeTrouble what its ObjectStore says of itself where it is not ready; empty otherwise
 * @param grants of the store for the namespace; null without a store
 * @param datasets all of the namespace, by name; none for a Dataset that is not derived
 * @param functions those that the Dataset names, as far as they are there, by name
 * @param model the one that it names, if it names one that is there
 */
record DatasetFacts(
        DatasetResource dataset,
        @Nullable OpenStore store,
        String storeTrouble,
        @Nullable Grants grants,
        Map<String, DatasetResource> datasets,
        Map<String, FunctionResource> functions,
        @Nullable ModelResource model) {

    DatasetSpec spec() {
        return dataset.getSpec();
    }
}
