package dev.tidemill.operator.model;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetSpec.From;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.ServedKinds;
import dev.tidemill.operator.SpecOrAnnotationsChanged;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.serving.ServingPlan;
import dev.tidemill.operator.serving.ServingReconciler;
import dev.tidemill.operator.serving.Surroundings;
import io.fabric8.knative.serving.v1.Service;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs a Model as a Knative Service that starts from zero, with credentials that open its artifact. */
// For good: an API server that is away for an hour must not leave a resource behind.
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
@ControllerConfiguration(
        name = "model",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecOrAnnotationsChanged.class))
public final class ModelReconciler extends ServingReconciler<ModelResource, ModelStatus> {

    private final OperatorConfig config;
    private final ModelManifests manifests;

    public ModelReconciler(Means means, ServedKinds served, OperatorConfig config) {
        super(
                ModelResource.class,
                means,
                new LateSources<>(
                        served,
                        Map.of(
                                Service.class,
                                context -> owned(Service.class, ModelResource.class, Labels.MODEL, context))));
        this.config = config;
        this.manifests = new ModelManifests(config);
    }

    @Override
    protected ServingPlan plan(ModelResource model, Surroundings surroundings) {
        return ModelPlan.of(model.name(), model.getSpec(), config.models(), surroundings);
    }

    @Override
    protected Observation serve(
            ModelResource model,
            ServingPlan.Deploy plan,
            @Nullable StoreAccess store,
            Applier<ModelResource> applier,
            Context<ModelResource> context) {
        var before = model.getStatus();
        var versions = before == null ? null : before.modelState();
        var service = applier.apply(manifests.knativeService(
                model.namespace(),
                model.name(),
                owner(model),
                model.getSpec(),
                store,
                versions == null ? null : versions.active()));
        return new Observation(
                List.of(
                        Verdict.yes(ServingPlan.ACCEPTED, "Granted"),
                        ModelServing.of(model.getSpec(), service).verdict()),
                service);
    }

    @Override
    protected ModelStatus status(ModelResource model, List<Condition> conditions, @Nullable Service service) {
        if (service == null) {
            return new ModelStatus(model.generation(), conditions, null, null, null, null);
        }
        var serving = ModelServing.of(model.getSpec(), service);
        return new ModelStatus(
                model.generation(),
                conditions,
                serving.url(),
                serving.versions(),
                serving.failure(),
                model.getSpec().accelerator() == null ? "cpu" : "gpu");
    }

    @Override
    protected List<Condition> conditions(ModelStatus status) {
        return status.conditions();
    }

    @Override
    protected String secret(ModelResource model) {
        return ModelManifests.secret(model.name());
    }

    @Override
    protected String store(ModelResource model) {
        var source = model.getSpec().source();
        return source == null ? "" : source.store();
    }

    @Override
    protected Stream<String> computing(DatasetSpec dataset) {
        return Stream.ofNullable(dataset.from()).map(From::model).flatMap(Stream::ofNullable);
    }

    @Override
    protected ModelResource patch() {
        return new ModelResource();
    }
}
