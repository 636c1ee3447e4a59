package dev.tidemill.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import java.util.List;

/** Those of the four kinds. */
record Reconcilers(List<Reconciler<? extends HasMetadata>> all) {

    void registerWith(Operator operator) {
        for (var reconciler : all) {
            operator.register(reconciler);
        }
    }
}
