package dev.tidemill.operator.model;

import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.operator.SpecOrAnnotationsChanged;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.util.List;

/** Says of every Model that this version does not serve it, so that nobody waits in vain. */
// For good: an API server that is away for an hour must not leave a resource behind.
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
@ControllerConfiguration(
        name = "model",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecOrAnnotationsChanged.class))
public final class ModelReconciler implements Reconciler<ModelResource> {

    private final Clock clock;

    public ModelReconciler(Clock clock) {
        this.clock = clock;
    }

    @Override
    public UpdateControl<ModelResource> reconcile(ModelResource model, Context<ModelResource> context) {
        var before = model.getStatus();
        var conditions = Conditions.of(clock, model.generation(), before == null ? List.of() : before.conditions())
                .requires(
                        Verdict.no("Accepted", "NotYetSupported", "this version of Tidemill does not serve Models yet"))
                .derive();
        var status = new ModelStatus(model.generation(), conditions, null, null, null, null);
        if (model.paused() || status.equals(before)) {
            return UpdateControl.noUpdate();
        }
        var patch = new ModelResource();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(model.name())
                .withNamespace(model.namespace())
                .build());
        patch.setStatus(status);
        return UpdateControl.patchStatus(patch);
    }
}
