package dev.tidemill.operator.model;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetSpec.From;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.dataflow.TrainingProgress;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeFeatures;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.ServedKinds;
import dev.tidemill.operator.SpecOrAnnotationsChanged;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.dataset.Drive;
import dev.tidemill.operator.dataset.Trainings;
import dev.tidemill.operator.events.Artifacts;
import dev.tidemill.operator.events.Declarations;
import dev.tidemill.operator.serving.Rollout;
import dev.tidemill.operator.serving.ServingPlan;
import dev.tidemill.operator.serving.ServingReconciler;
import dev.tidemill.operator.serving.Surroundings;
import dev.tidemill.operator.store.StateFolders;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Has a Model trained, where it is, and runs it as a Knative Service that starts from zero, with credentials that open its artifact; and
 * has its live data looked at.
 */
// For good: an API server that is away for an hour must not leave a resource behind.
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
@ControllerConfiguration(
        name = "model",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecOrAnnotationsChanged.class))
public final class ModelReconciler extends ServingReconciler<ModelResource, ModelStatus> {

    private static final Duration LOOK = Duration.ofMinutes(5);

    private static final String PATH = "DataPathNotReady";

    private final LateSources<ModelResource> knative;
    private final OperatorConfig config;
    private final KnativeFeatures features;
    private final Declarations declarations;
    private final Artifacts artifacts;
    private final ModelManifests manifests;
    private final Trainings trainings;
    private final DriftWatch drifts;
    private final ModelDrift drift;
    private final Drive drive;
    private final StateFolders folders;

    public ModelReconciler(
            Means means,
            ServedKinds served,
            KnativeFeatures features,
            Declarations declarations,
            Artifacts artifacts,
            OperatorConfig config,
            Trainings trainings,
            DriftWatch drifts,
            Drive drive) {
        var knative = new LateSources<ModelResource>(
                served, Map.of(Service.class, ModelReconciler::services, Pod.class, ModelReconciler::pods));
        super(ModelResource.class, means, knative);
        this.knative = knative;
        this.config = config;
        this.features = features;
        this.declarations = declarations;
        this.artifacts = artifacts;
        this.manifests = new ModelManifests(config);
        this.trainings = trainings;
        this.drifts = drifts;
        this.drift = new ModelDrift(drifts, trainings);
        this.drive = drive;
        this.folders = new StateFolders(means.stores());
    }

    @Override
    protected ServingPlan plan(ModelResource model, Surroundings surroundings) {
        return ModelPlan.of(
                model.name(), model.getSpec(), made(model), config.models(), features.current(), surroundings);
    }

    @Override
    protected Observation serve(
            ModelResource model,
            ServingPlan.Deploy plan,
            @Nullable StoreAccess store,
            Applier<ModelResource> applier,
            Context<ModelResource> context) {
        var access = Objects.requireNonNull(store, "a Model has a store");
        if (!ModelPlan.isNetwork(model.getSpec())) {
            var trainer = ModelManifests.trainer(model.name());
            present(model, trainer, applier).ifPresent(_ -> applier.delete(Service.class, model.namespace(), trainer));
        }
        if (model.getSpec().train() == null) {
            trainings.stop(model);
            return withDrift(model, null, serve(model, model.getSpec(), access, applier, context), applier);
        }
        var training = train(model, plan, access, applier);
        var made = training.made();
        if (made == null || !training.done()) {
            return withDrift(
                    model, made, meanwhile(model, training.verdict(), training.notes(), applier, context), applier);
        }
        var observed = serve(model, served(model.getSpec(), made), access, applier, context);
        var verdicts = new ArrayList<>(observed.verdicts());
        verdicts.add(1, training.verdict());
        var notes = new ArrayList<>(observed.notes());
        notes.addAll(training.notes());
        return withDrift(
                model, made, new Observation(verdicts, notes, observed.rollout(), observed.lookAgain()), applier);
    }

    /** A network's accelerator is for its training. */
    private static ModelSpec served(ModelSpec spec, ModelStatus.Made made) {
        var source = spec.made(made.artifact());
        return ModelPlan.isNetwork(spec) ? source.on(null) : source;
    }

    private Observation serve(
            ModelResource model,
            ModelSpec spec,
            StoreAccess access,
            Applier<ModelResource> applier,
            Context<ModelResource> context) {
        var source = Objects.requireNonNull(spec.source());
        knative.watches(Pod.class, context);
        // With a digest there is nothing to be told: another object would not be served.
        declarations.declare(
                resource(model),
                source.sha256() == null
                        ? Set.of(new Declarations.Prefix(source.store(), source.bucket(), source.key()))
                        : Set.of());
        var present = present(model, applier);
        return switch (artifact(model, source, present, context)) {
            case Artifact.Missing(var verdict) -> meanwhile(model, verdict, List.of(), applier, context);
            case Artifact.Known artifact -> {
                var service = applier.serve(manifests.knativeService(
                        model.namespace(),
                        model.name(),
                        owner(model),
                        spec,
                        access,
                        artifact,
                        present.map(Rollout::active).orElse(null)));
                var rollout = rollout(model, service, context);
                yield new Observation(
                        List.of(GRANTED, rollout.serving()),
                        List.of(rollout.newest()),
                        rollout,
                        // Another object would not have the digest; without one only a look tells.
                        source.sha256() == null ? LOOK : null);
            }
        };
    }

    private Artifact artifact(
            ModelResource model, ModelSpec.Source source, Optional<Service> present, Context<ModelResource> context) {
        return means().stores()
                .find(source.store())
                .map(store -> Artifact.of(
                        source,
                        store,
                        Artifact.folder(model.namespace(), model.name()),
                        () -> present.stream()
                                .flatMap(service -> Rollout.answering(service).stream())
                                .flatMap(name -> revision(model, name, context).stream())
                                .flatMap(revision -> ModelManifests.copy(revision).stream())
                                .collect(Collectors.toSet())))
                .orElseGet(() -> new Artifact.Missing(Verdict.unknown(
                        Artifact.TYPE, "StoreNotReady", "ObjectStore " + source.store() + " is not ready")));
    }

    /** What is there answers, as what was declared before, while what is to be served is not known. */
    private Observation meanwhile(
            ModelResource model,
            Verdict why,
            List<Verdict> notes,
            Applier<ModelResource> applier,
            Context<ModelResource> context) {
        var rollout = awaiting(model, why, applier, context).orElse(null);
        if (rollout == null || !rollout.behind()) {
            var known = rollout == null ? Stream.<Verdict>of() : Stream.of(rollout.serving());
            return new Observation(
                    List.of(GRANTED, why), Stream.concat(known, notes.stream()).toList(), rollout, null);
        }
        return new Observation(
                List.of(GRANTED, rollout.serving()),
                Stream.concat(Stream.of(rollout.newest(), why), notes.stream()).toList(),
                rollout,
                null);
    }

    private TrainingProgress train(
            ModelResource model, ServingPlan.Deploy plan, StoreAccess access, Applier<ModelResource> applier) {
        var train = Objects.requireNonNull(model.getSpec().train());
        var store = means().stores().find(Objects.requireNonNull(plan.store())).orElseThrow();
        var parent = trainings.find(model.namespace(), train.dataset()).orElse(null);
        if (parent == null) {
            trainings.stop(model);
            return ModelTraining.waiting(model, "ParentMissing", "dataset " + train.dataset() + " is not there");
        }
        if (!trainings.hasCommitted(parent)) {
            return ModelTraining.waiting(
                    model, "ParentEmpty", "dataset " + train.dataset() + " has committed nothing yet");
        }
        var materializer = url(model, Trainings.materializer(store.name()), applier);
        var worker = url(model, Trainings.worker(store.name()), applier);
        if (materializer.isEmpty() || worker.isEmpty()) {
            return ModelTraining.waiting(
                    model,
                    PATH,
                    "materializer and profiler of the namespace are being brought up for dataset " + train.dataset());
        }
        URI network = null;
        if (ModelPlan.isNetwork(model.getSpec())) {
            var trainer = applier.serve(
                    manifests.trainer(model.namespace(), model.name(), owner(model), model.getSpec(), access));
            var answers = KnativeReadiness.url(trainer);
            if (answers.isEmpty()) {
                return ModelTraining.waiting(
                        model,
                        PATH,
                        KnativeReadiness.verdict("Trained", trainer).message());
            }
            network = answers.get();
        }
        trainings.train(model, parent, store, new Trainings.Path(materializer.get(), worker.get()), network);
        return ModelTraining.of(model, trainings, store.name());
    }

    private static Optional<URI> url(ModelResource model, String service, Applier<ModelResource> applier) {
        return applier.find(Service.class, model.namespace(), service).flatMap(KnativeReadiness::url);
    }

    private Observation withDrift(
            ModelResource model,
            ModelStatus.@Nullable Made made,
            Observation observed,
            Applier<ModelResource> applier) {
        return drift.of(model, made, service -> url(model, service, applier))
                .map(found -> new Observation(
                        observed.verdicts(),
                        Stream.concat(observed.notes().stream(), Stream.of(found.verdict()))
                                .toList(),
                        observed.rollout(),
                        found.failed() ? RETRY : observed.lookAgain()))
                .orElse(observed);
    }

    @Override
    protected ModelStatus status(ModelResource model, List<Condition> conditions, @Nullable Rollout rollout) {
        var spec = model.getSpec();
        var training = spec.train() == null ? null : ModelTraining.shown(model, trainings, store(model));
        var made = training == null ? null : training.made();
        return new ModelStatus(
                model.generation(),
                conditions,
                rollout == null ? null : rollout.url(),
                rollout == null ? null : new ModelStatus.Versions(rollout.active(), rollout.target()),
                Failures.last(made == null ? spec.source() : made.artifact(), conditions),
                rollout == null ? null : device(model, rollout),
                training,
                spec.drift() == null ? null : drifts.found(model));
    }

    /** That of the revision which answers. */
    private static String device(ModelResource model, Rollout rollout) {
        var spec = model.getSpec();
        var before = model.getStatus() == null ? null : model.getStatus().device();
        return before != null && rollout.active() != null && (rollout.target() != null || rollout.behind())
                ? before
                : spec.accelerator() == null || spec.train() != null ? "cpu" : "gpu";
    }

    private ModelStatus.@Nullable Made made(ModelResource model) {
        return model.getSpec().train() == null
                ? null
                : ModelTraining.of(model, trainings, store(model)).made();
    }

    /** It is trained no more; what was made of it stays. */
    @Override
    protected void withdraw(ModelResource model) {
        trainings.stop(model);
        drifts.forget(model);
        declarations.withdraw(resource(model));
    }

    private static Declarations.Resource resource(ModelResource model) {
        return new Declarations.Resource(Declarations.Kind.Model, model.namespace(), model.name());
    }

    @Override
    public DeleteControl cleanup(ModelResource model, Context<ModelResource> context) {
        var store = store(model);
        return trainings.forget(model, store) && folders.delete(store, Artifact.folder(model.namespace(), model.name()))
                ? super.cleanup(model, context)
                : DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY);
    }

    @Override
    protected List<Condition> conditions(ModelStatus status) {
        return status.conditions();
    }

    @Override
    protected String service(ModelResource model) {
        return model.service();
    }

    @Override
    protected String secret(ModelResource model) {
        return ModelManifests.secret(model.name());
    }

    /** What is trained lies in the store of the Dataset that it learns from. */
    @Override
    protected String store(ModelResource model) {
        var spec = model.getSpec();
        if (spec.source() != null) {
            return spec.source().store();
        }
        var training = model.getStatus() == null ? null : model.getStatus().training();
        return Optional.ofNullable(spec.train())
                .flatMap(train -> trainings.store(model.namespace(), train.dataset()))
                .orElseGet(() -> training == null || training.made() == null
                        ? ""
                        : training.made().artifact().store());
    }

    @Override
    protected Stream<String> computing(DatasetSpec dataset) {
        return Stream.ofNullable(dataset.from()).map(From::model).flatMap(Stream::ofNullable);
    }

    @Override
    protected ModelResource patch() {
        return new ModelResource();
    }

    @Override
    public List<EventSource<?, ModelResource>> prepareEventSources(EventSourceContext<ModelResource> context) {
        var data = new SimpleInboundEventSource<ModelResource>("data");
        drive.onStatus(id -> models(context, id.namespace(), model -> looksAt(model, id.name()))
                .forEach(data::propagateEvent));
        means().datasets()
                .onChange(dataset -> models(context, dataset.namespace(), model -> looksAt(model, dataset.name()))
                        .forEach(data::propagateEvent));
        drifts.onResult(data::propagateEvent);
        artifacts.onReplaced(model -> data.propagateEvent(new ResourceID(model.name(), model.namespace())));
        return Stream.concat(super.prepareEventSources(context).stream(), Stream.of(data))
                .toList();
    }

    private static boolean looksAt(ModelResource model, String dataset) {
        var train = model.getSpec().train();
        var drift = model.getSpec().drift();
        return train != null
                        && (train.dataset().equals(dataset)
                                || Assignments.trainingName(model.name()).equals(dataset))
                || drift != null && (drift.dataset().equals(dataset) || dataset.equals(drift.baseline()));
    }

    /** The services of Models, and those of data paths. */
    private static EventSource<?, ModelResource> services(EventSourceContext<ModelResource> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Service.class, ModelResource.class)
                        .withLabelSelector(Labels.SELECTOR + ",!" + Labels.FUNCTION)
                        .withSecondaryToPrimaryMapper(service -> concerned(service, context))
                        .build(),
                context);
    }

    /** Of Models: when one starts or ends, what is to be loaded may be another object now. */
    private static EventSource<?, ModelResource> pods(EventSourceContext<ModelResource> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, ModelResource.class)
                        .withLabelSelector(Labels.SELECTOR + "," + Labels.MODEL)
                        .withSecondaryToPrimaryMapper(pod -> Set.of(new ResourceID(
                                pod.getMetadata().getLabels().get(Labels.MODEL),
                                pod.getMetadata().getNamespace())))
                        .withOnUpdateFilter((now, before) -> isNews(now, before))
                        .build(),
                context);
    }

    private static Set<ResourceID> concerned(Service service, EventSourceContext<ModelResource> context) {
        var meta = service.getMetadata();
        var model = meta.getLabels().get(Labels.MODEL);
        return model == null
                ? models(
                        context,
                        meta.getNamespace(),
                        each -> each.getSpec().train() != null || each.getSpec().drift() != null)
                : Set.of(new ResourceID(model, meta.getNamespace()));
    }

    private static Set<ResourceID> models(
            EventSourceContext<ModelResource> context, String namespace, Predicate<ModelResource> wanted) {
        return context.getPrimaryCache()
                .list(namespace, wanted)
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }
}
