package dev.tidemill.local;

import dev.tidemill.api.BoundDatasets;
import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.DriftData;
import dev.tidemill.api.Function;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.api.Resource;
import dev.tidemill.api.ResourceReader;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.Violation;
import dev.tidemill.dataflow.Assignment;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.dataflow.Builtin;
import dev.tidemill.dataflow.Callee;
import dev.tidemill.dataflow.DatasetRef;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.dataflow.Driver;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.dataflow.HttpSlices;
import dev.tidemill.dataflow.UnresolvedException;
import dev.tidemill.local.broker.Broker;
import dev.tidemill.local.broker.Ingress;
import dev.tidemill.local.display.Display;
import dev.tidemill.local.process.FunctionProcess;
import dev.tidemill.store.StoreException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The operator's part on one machine: starts what the resources name, and lets the driver keep the Datasets going. */
final class Mill implements AutoCloseable {

    static final String STATE_BUCKET = "tidemill";

    private static final int MOST_SLICES = 4;

    private final DataDir data;
    private final LocalStore store;
    private final ResourceBook book;
    private final Display display;
    private final Programs programs;
    private final HttpFunctionClient client = new HttpFunctionClient();
    private final Broker broker;
    private final Ingress ingress;
    private final Callers callers;
    private final Functions functions;
    private final Driver driver;
    private final String cluster;

    private final Map<Graph.Id, Dataset> datasets = new LinkedHashMap<>();
    private final Map<Graph.Id, Functions.Running> running = new ConcurrentHashMap<>();
    private final Unusable unusable = new Unusable();
    private final Map<Graph.Id, Callee> models = new ConcurrentHashMap<>();
    private final Trainings trainings = new Trainings();
    private final Drifts drifts;
    private final Map<Graph.Id, Callee> learners = new ConcurrentHashMap<>();
    private final Map<Graph.Id, Uploads> uploads = new LinkedHashMap<>();
    private final Map<Graph.Id, DatasetStatus> statuses = new ConcurrentHashMap<>();
    private volatile FunctionProcess.@Nullable StartFailedException notStarted;

    Mill(DataDir data, LocalStore store, Programs programs, Display display) {
        this.data = data;
        this.store = store;
        this.programs = programs;
        this.display = display;
        this.book = new ResourceBook(data, Clock.systemUTC());
        this.cluster = data.cluster();
        this.drifts = new Drifts(client);
        this.broker = new Broker(client, new DeadLetters(data.deadLetters(), display)::add, (_, _) -> {});
        this.ingress = new Ingress(broker);
        this.callers = new Callers(data, broker, display);
        this.functions = new Functions(programs);
        this.driver = Driver.start(
                new WatchedSlices(new HttpSlices(client, _ -> functions.materializer()), functions),
                (namespace, event) -> broker.publish(namespace, "default", event),
                this::update,
                new Driver.Settings(MOST_SLICES, store.isOurs()));
    }

    /** Takes resources in, starts what they name and lets their Datasets go. */
    void apply(List<ResourceReader.Loaded> loaded) throws InterruptedException {
        createBucket(STATE_BUCKET);
        List<Function> declared = new ArrayList<>();
        List<Thread> starts = new ArrayList<>(List.of(begin(functions::startMaterializer)));
        Map<Graph.Id, Path> files = new HashMap<>();
        Map<Graph.Id, Model> trained = new LinkedHashMap<>();
        for (ResourceReader.Loaded entry : loaded) {
            Resource applied = book.apply(entry.resource());
            Graph.Id id = id(applied);
            switch (applied) {
                case Dataset dataset -> {
                    datasets.put(id, dataset);
                    files.put(id, entry.file());
                    if (Assignments.needProfiler(dataset.spec())) {
                        starts.add(begin(functions::startProfiler));
                    }
                }
                case Function function -> {
                    String unsupported = unsupported(function);
                    if (unsupported != null) {
                        unusable.put(Unusable.FUNCTION, id, unsupported);
                        continue;
                    }
                    try {
                        BoundDatasets.of(function).forEach(dataset -> {
                            datasets.put(id(dataset), (Dataset) book.apply(dataset));
                            if (Assignments.needProfiler(dataset.spec())) {
                                starts.add(begin(functions::startProfiler));
                            }
                        });
                    } catch (IllegalArgumentException e) {
                        unusable.put(Unusable.FUNCTION, id, e.getMessage());
                        continue;
                    }
                    new Declarations(data).note(id.namespace(), id.name(), entry.file());
                    declared.add(function);
                    starts.add(Thread.startVirtualThread(() -> start(id, function, entry.file())));
                }
                case dev.tidemill.api.ObjectStore _ ->
                    display.note(applied.reference()
                            + " is the cluster's; here the store is the embedded one, or what --store names");
                case Model model -> {
                    drifts.declare(id, model);
                    if (model.spec().drift() != null) {
                        starts.add(begin(functions::startProfiler));
                    }
                    if (model.spec().train() == null) {
                        starts.add(Thread.startVirtualThread(() -> start(id, model, entry.file())));
                    } else {
                        trained.put(id, model);
                        starts.add(begin(functions::startProfiler));
                    }
                }
            }
        }
        for (Map.Entry<Graph.Id, Model> entry : trained.entrySet()) {
            train(entry.getKey(), entry.getValue());
        }
        for (Thread start : starts) {
            start.join();
        }
        if (notStarted != null) {
            throw notStarted;
        }
        declared.forEach(this::connect);
        List<Assignment> assignments = new ArrayList<>();
        for (Map.Entry<Graph.Id, Dataset> entry : datasets.entrySet()) {
            try {
                String unsupported = unsupported(entry.getValue());
                if (unsupported != null) {
                    throw new UnresolvedException(NotYetSupported.REASON, unsupported);
                }
                prepare(entry.getKey(), entry.getValue(), files.get(entry.getKey()));
                assignments.add(assignment(entry.getKey(), entry.getValue()));
            } catch (UnresolvedException e) {
                refuse(entry.getKey(), entry.getValue(), e.reason(), String.valueOf(e.getMessage()));
            }
        }
        driver.declare(assignments);
    }

    private Assignment assignment(Graph.Id id, Dataset dataset) {
        Names names = new Names(id.namespace());
        Assignments assignments = new Assignments(cluster, id.namespace(), names);
        return trainings
                .madeBy(id)
                .map(model -> assignments.ofTraining(dataset, model, Objects.requireNonNull(learners.get(id(model)))))
                .orElseGet(() -> assignments.of(dataset));
    }

    /** What of the resource cannot be honoured yet, or null. */
    private static @Nullable String unsupported(Resource resource) {
        List<Violation> found = NotYetSupported.check(resource, NotYetSupported.Place.Laptop);
        return found.isEmpty() ? null : found.stream().map(Violation::toString).collect(Collectors.joining("; "));
    }

    /** Functions and models that nobody can call, and why, by {@code kind/name}. */
    Map<String, String> unusable() {
        return unusable.all();
    }

    /** Waits until no Dataset has anything to do, those included that wait for a model to be trained. */
    void awaitSettled() throws InterruptedException {
        try {
            do {
                driver.settled().get();
            } while (serveWhatWasTrained());
            compareWhatIsLive();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Serves each model that was made since the last call, and lets go what waits for it; false if there was none. */
    boolean serveWhatWasTrained() {
        boolean any = false;
        for (Map.Entry<Graph.Id, DatasetStatus> entry : Map.copyOf(statuses).entrySet()) {
            Optional<Model> made = trainings.take(entry.getKey(), entry.getValue());
            if (made.isPresent()) {
                any = true;
                Graph.Id id = id(made.get());
                serve(id, new ModelServer(made.get(), null, Installation.home()));
                driver.declare(waitingFor(id));
            }
        }
        return any;
    }

    /** Compares live data that was committed since the last call; nothing waits for that. */
    void compareWhatIsLive() throws InterruptedException {
        for (Map.Entry<Graph.Id, Model> entry : drifts.declared().entrySet()) {
            Graph.Id id = entry.getKey();
            try {
                drifts.look(
                                id,
                                entry.getValue(),
                                name -> statuses.get(new Graph.Id(id.namespace(), name)),
                                trainings.profile(id),
                                functions.profiler("/"))
                        .ifPresent(found -> tell(entry.getValue(), found));
            } catch (Drift.NotComparedException e) {
                display.note("model %s: live data was not compared: %s".formatted(id.name(), e.getMessage()));
            }
        }
    }

    private void tell(Model model, DriftData found) {
        Conditions.Verdict verdict = Drift.condition(found);
        display.note("model %s: %s %s: %s: %s"
                .formatted(found.model(), verdict.type(), verdict.status(), verdict.reason(), verdict.message()));
        Long generation = model.metadata().generation();
        Conditions.Verdict serving = models.containsKey(id(model))
                ? Conditions.Verdict.yes("Serving", "Serving")
                : Conditions.Verdict.no(
                        "Serving", "ModelNotReady", String.valueOf(unusable.why(Unusable.MODEL, id(model))));
        book.update(
                model,
                status -> status.with(
                        generation,
                        Conditions.of(Clock.systemUTC(), generation, status.conditions())
                                .requires(serving)
                                .notes(verdict)
                                .derive()));
        Drift.event(found).ifPresent(event -> broker.publish(found.namespace(), "default", event));
    }

    private List<Assignment> waitingFor(Graph.Id model) {
        List<Assignment> assignments = new ArrayList<>();
        datasets.forEach((id, dataset) -> {
            DatasetSpec.From from = dataset.spec().from();
            boolean waits = from != null
                    && model.name().equals(from.model())
                    && model.namespace().equals(id.namespace())
                    && trainings.madeBy(id).isEmpty();
            try {
                if (waits) {
                    assignments.add(assignment(id, dataset));
                }
            } catch (UnresolvedException e) {
                refuse(id, dataset, e.reason(), String.valueOf(e.getMessage()));
            }
        });
        return assignments;
    }

    /** Uploads what has changed in the folders and wakes the Datasets over them. */
    void lookAtFolders() {
        uploads.forEach((id, upload) -> {
            Set<String> changed = upload.sync();
            if (!changed.isEmpty()) {
                driver.changed(id, changed);
            }
        });
    }

    /** Where the run of each Dataset that is at work stands, from its ledger. */
    void showProgress() {
        Progress progress = new Progress(store.client(), STATE_BUCKET);
        statuses.forEach((id, status) -> {
            if (status.conditions().stream()
                    .anyMatch(condition -> condition.type().equals(Condition.PROGRESSING) && condition.holds())) {
                progress.of(id)
                        .ifPresent(
                                state -> display.progress(id.name(), state.succeeded(), state.failed(), state.total()));
            }
        });
    }

    Map<Graph.Id, DatasetStatus> statuses() {
        Map<Graph.Id, DatasetStatus> ordered = new LinkedHashMap<>();
        datasets.keySet()
                .forEach(id -> Optional.ofNullable(statuses.get(id)).ifPresent(status -> ordered.put(id, status)));
        return ordered;
    }

    private interface Start {
        void run() throws InterruptedException;
    }

    private Thread begin(Start start) {
        return Thread.startVirtualThread(() -> {
            try {
                start.run();
            } catch (FunctionProcess.StartFailedException e) {
                notStarted = e;
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void start(Graph.Id id, Function function, Path file) {
        try {
            Programs.Source source =
                    programs.of(id.namespace(), function, file, ingress.address(id.namespace(), "default"));
            running.put(id, functions.start(id.namespace(), function, source));
            unusable.remove(Unusable.FUNCTION, id);
        } catch (UsageException | FunctionProcess.StartFailedException e) {
            unusable.put(Unusable.FUNCTION, id, e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void start(Graph.Id id, Model model, Path file) {
        try {
            String unsupported = unsupported(model);
            if (unsupported != null) {
                throw new UsageException(unsupported);
            }
            serve(id, ModelServer.of(model, file, Installation.home()));
        } catch (UsageException e) {
            unusable.put(Unusable.MODEL, id, e.getMessage());
        }
    }

    private void serve(Graph.Id id, ModelServer server) {
        try {
            String version = server.version(store.client());
            URI url = functions.startModel(id.namespace(), programs.of(id.namespace(), server));
            models.put(id, Callee.of(id.namespace(), server.model(), url, version));
            unusable.remove(Unusable.MODEL, id);
            display.note("model %s answers at %sv2/models/%s".formatted(id.name(), url, id.name()));
        } catch (UsageException | FunctionProcess.StartFailedException | StoreException e) {
            unusable.put(Unusable.MODEL, id, e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** What computes the rounds of a training. */
    private Callee learner(Graph.Id id, Model model, ModelSpec.Algorithm algorithm) throws InterruptedException {
        if (algorithm == ModelSpec.Algorithm.NeuralNetwork) {
            ModelServer server = new ModelServer(model, null, Installation.home());
            URI url = functions.startModel(id.namespace(), programs.trainer(id.namespace(), server));
            return Callee.of(id.namespace(), Builtin.TRAIN_NETWORK, url, 1);
        }
        int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
        return Callee.of(id.namespace(), Builtin.TRAIN, functions.profiler("/train"), cores);
    }

    private void train(Graph.Id id, Model model) throws InterruptedException {
        ModelSpec.Train train = Objects.requireNonNull(model.spec().train());
        Optional<Dataset> parent = new Names(id.namespace()).dataset(train.dataset());
        if (parent.isEmpty()) {
            unusable.put(
                    Unusable.MODEL,
                    id,
                    "dataset %s, which it is trained on, is not declared in namespace %s"
                            .formatted(train.dataset(), id.namespace()));
            return;
        }
        if (store.isEmbedded()) {
            createBucket(train.output().bucket());
        }
        try {
            learners.put(id, learner(id, model, train.algorithm()));
        } catch (UsageException | FunctionProcess.StartFailedException e) {
            unusable.put(Unusable.MODEL, id, e.getMessage());
            return;
        }
        Dataset training = trainings.declare(id, model, parent.get());
        datasets.put(id(training), (Dataset) book.apply(training));
        unusable.remove(Unusable.MODEL, id);
    }

    private void connect(Function function) {
        Graph.Id id = id(function);
        try {
            Optional.ofNullable(running.get(id)).ifPresent(there -> callers.connect(id, there));
        } catch (UsageException e) {
            unusable.put(Unusable.FUNCTION, id, e.getMessage());
        }
    }

    /** The functions that answer, by name. */
    List<String> callable() {
        return running.keySet().stream().map(Graph.Id::name).sorted().toList();
    }

    /** Whether any function is called by the clock. */
    boolean isTimed() {
        return callers.isTimed();
    }

    /** Buckets and files that have to be there before the Dataset is looked at. */
    private void prepare(Graph.Id id, Dataset dataset, @Nullable Path file) {
        DatasetSpec spec = dataset.spec();
        if (store.isEmbedded()) {
            Stream.of(
                            Optional.ofNullable(spec.source()).map(DatasetSpec.Source::bucket),
                            Optional.ofNullable(spec.output()).map(DatasetSpec.Output::bucket))
                    .flatMap(Optional::stream)
                    .forEach(this::createBucket);
        }
        String local = dataset.metadata().annotation(Metadata.LOCAL);
        DatasetSpec.Source source = spec.source();
        if (local == null || source == null || file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().resolveSibling(local).normalize();
        if (!folder.toFile().isDirectory()) {
            throw new UnresolvedException(
                    "FolderMissing",
                    "%s (its annotation %s, relative to %s) is no folder".formatted(folder, Metadata.LOCAL, file));
        }
        Uploads upload = new Uploads(
                store.client(),
                folder,
                source.bucket(),
                source.prefix(),
                data.root().resolve("uploads").resolve(id.namespace()).resolve(id.name() + ".json"));
        upload.sync();
        uploads.put(id, upload);
    }

    private void createBucket(String bucket) {
        if (!store.client().bucketExists(bucket)) {
            store.client().createBucket(bucket);
        }
    }

    private void refuse(Graph.Id id, Dataset dataset, String reason, String message) {
        DatasetStatus before = Optional.ofNullable(dataset.status())
                .orElseGet(() -> DatasetStatus.builder().build());
        Long generation = dataset.metadata().generation();
        update(
                new DatasetRef(id.namespace(), id.name(), "", 0),
                before.with()
                        .observed(
                                generation,
                                Conditions.of(Clock.systemUTC(), generation, before.conditions())
                                        .requires(Conditions.Verdict.no("Resolved", reason, message))
                                        .derive())
                        .build());
    }

    private void update(DatasetRef dataset, DatasetStatus status) {
        statuses.put(new Graph.Id(dataset.namespace(), dataset.name()), status);
        book.update(dataset.namespace(), dataset.name(), status);
        display.status(dataset.name(), status);
    }

    private static Graph.Id id(Resource resource) {
        return new Graph.Id(
                ResourceBook.namespace(resource), resource.metadata().name());
    }

    @Override
    public void close() {
        driver.close();
        callers.close();
        ingress.close();
        broker.close();
        functions.close();
        client.close();
    }

    /** What Datasets of a namespace can name here. */
    private final class Names implements Assignments.Surroundings {
        private final String namespace;

        Names(String namespace) {
            this.namespace = namespace;
        }

        @Override
        public Optional<Callee> callee(String name) {
            Graph.Id id = new Graph.Id(namespace, name);
            String why = unusable.why(Unusable.FUNCTION, id);
            if (why != null) {
                throw new UnresolvedException("FunctionNotReady", why);
            }
            return Optional.ofNullable(running.get(id))
                    .map(there -> Callee.of(namespace, there.function(), there.url(), there.version(), places()));
        }

        @Override
        public Optional<Function> function(String name) {
            return Optional.ofNullable(running.get(new Graph.Id(namespace, name)))
                    .map(Functions.Running::function);
        }

        @Override
        public Optional<Callee> model(String name) {
            Graph.Id id = new Graph.Id(namespace, name);
            String why = unusable.why(Unusable.MODEL, id);
            if (why != null) {
                throw new UnresolvedException("ModelNotReady", why);
            }
            if (!models.containsKey(id) && trainings.makes(id)) {
                throw new UnresolvedException("ModelNotReady", "model %s is being trained".formatted(name));
            }
            return Optional.ofNullable(models.get(id));
        }

        @Override
        public Optional<Dataset> dataset(String name) {
            return Optional.ofNullable(datasets.get(new Graph.Id(namespace, name)))
                    .or(() -> book.find("dataset", namespace, name).map(Dataset.class::cast));
        }

        @Override
        public Callee profiler() {
            return Callee.of(
                    namespace,
                    Builtin.PROFILE,
                    functions.profiler("/profile"),
                    Math.max(2, Runtime.getRuntime().availableProcessors()));
        }

        @Override
        public Callee generator() {
            return Callee.of(
                    namespace,
                    Builtin.GENERATE,
                    functions.profiler("/"),
                    Math.max(2, Runtime.getRuntime().availableProcessors()));
        }

        @Override
        public String stateBucket(String name) {
            return STATE_BUCKET;
        }

        /** Every store is the one store here. */
        @Override
        public Map<String, String> endpoints() {
            return Map.of();
        }

        private Map<String, S3Prefix> places() {
            Map<String, S3Prefix> places = new HashMap<>();
            datasets.forEach((id, dataset) -> {
                DatasetSpec spec = dataset.spec();
                DatasetSpec.Source source = spec.source();
                DatasetSpec.Output output = spec.output();
                if (id.namespace().equals(namespace) && source != null) {
                    places.put(id.name(), prefix(source.bucket(), source.prefix()));
                } else if (id.namespace().equals(namespace) && output != null) {
                    places.put(id.name(), prefix(output.bucket(), output.prefix()));
                }
            });
            return places;
        }

        private static S3Prefix prefix(String bucket, String prefix) {
            return new S3Prefix("AWS_S3_Prefix", bucket, prefix, null, null, null, null);
        }
    }
}
