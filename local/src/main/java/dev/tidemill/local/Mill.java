package dev.tidemill.local;

import dev.tidemill.api.BoundDatasets;
import dev.tidemill.api.Condition;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Function;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.api.ObjectStore;
import dev.tidemill.api.Resource;
import dev.tidemill.api.ResourceReader;
import dev.tidemill.api.Violation;
import dev.tidemill.dataflow.Assignment;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.dataflow.DatasetRef;
import dev.tidemill.dataflow.Driver;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.dataflow.HttpSlices;
import dev.tidemill.dataflow.UnresolvedException;
import dev.tidemill.local.broker.Broker;
import dev.tidemill.local.broker.Ingress;
import dev.tidemill.local.display.Display;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The operator's part on one machine: starts what the resources name, and lets the driver keep the Datasets going. */
final class Mill implements AutoCloseable {

    static final String STATE_BUCKET = "tidemill";

    private static final int MOST_SLICES = 4;

    private final DataDir data;
    private final LocalStore store;
    private final Display display;
    private final ResourceBook book;
    private final HttpFunctionClient client = new HttpFunctionClient();
    private final Functions functions;
    private final Broker broker;
    private final Ingress ingress;
    private final Callers callers;
    private final Datasets datasets;
    private final Folders folders;
    private final Models models;
    private final FunctionServing declared;
    private final ModelServing serving;
    private final ModelTraining training;
    private final DriftWatch drifts;
    private final Driver driver;
    private final String cluster;
    private final Map<Graph.Id, String> inVain = new HashMap<>();

    Mill(DataDir data, LocalStore store, Programs programs, Display display) {
        this.data = data;
        this.store = store;
        this.cluster = data.cluster();
        this.display = display;
        this.book = new ResourceBook(data, Clock.systemUTC());
        this.functions = new Functions(programs);
        this.broker = new Broker(client, new DeadLetters(data.deadLetters(), display)::add, (_, _) -> {});
        this.ingress = new Ingress(broker);
        this.callers = new Callers(data, broker, display);
        this.datasets = new Datasets(book, display);
        this.folders = new Folders(data, store);
        this.models = new Models(book, display);
        this.declared = new FunctionServing(functions, programs, ingress, callers);
        this.serving = new ModelServing(store, functions, programs, models, display);
        this.training = new ModelTraining(store, functions, programs, models);
        this.drifts = new DriftWatch(client, models, broker, display);
        this.driver = Driver.start(
                new WatchedSlices(new HttpSlices(client, _ -> functions.materializer()), functions),
                (namespace, event) -> broker.publish(namespace, "default", event),
                this::update,
                new Driver.Settings(MOST_SLICES, store.isOurs()));
    }

    private void update(DatasetRef dataset, DatasetStatus status) {
        datasets.update(dataset, status);
        training.of(new Graph.Id(dataset.namespace(), dataset.name()))
                .ifPresent(made -> models.learned(ResourceBook.id(made.model()), training.learned(status)));
    }

    /** Takes resources in, starts what they name and lets their Datasets go. */
    void apply(List<ResourceReader.Loaded> loaded) throws InterruptedException {
        store.ensureBucket(STATE_BUCKET);
        Starts starts = new Starts();
        starts.begin(functions::startMaterializer);
        Map<Graph.Id, Path> files = new HashMap<>();
        List<Function> started = new ArrayList<>();
        List<Model> trained = new ArrayList<>();
        for (ResourceReader.Loaded entry : loaded) {
            switch (book.apply(entry.resource())) {
                case Dataset dataset -> {
                    files.put(ResourceBook.id(dataset), entry.file());
                    declare(dataset, starts);
                }
                case Function function -> {
                    if (start(function, entry.file(), starts)) {
                        started.add(function);
                    }
                }
                case ObjectStore other ->
                    display.note(other.reference()
                            + " is the cluster's; here the store is the embedded one, or what --store names");
                case Model model -> {
                    if (start(model, entry.file(), starts)) {
                        trained.add(model);
                    }
                }
            }
        }
        for (Model model : trained) {
            training.declare(model, datasets).ifPresent(rounds -> {
                Dataset known = book.own(rounds);
                datasets.declare(known);
                if (known.status() != null) {
                    models.learned(ResourceBook.id(model), training.learned(known.status()));
                }
            });
        }
        starts.await();
        started.forEach(declared::connect);
        driver.declare(assignments(files));
    }

    private void declare(Dataset dataset, Starts starts) {
        datasets.declare(dataset);
        if (Assignments.needProfiler(dataset.spec())) {
            starts.begin(functions::startProfiler);
        }
    }

    /** False if it is refused. */
    private boolean start(Function function, Path file, Starts starts) {
        Graph.Id id = ResourceBook.id(function);
        try {
            mustBeSupported(function);
            BoundDatasets.of(function).forEach(dataset -> declare((Dataset) book.apply(dataset), starts));
        } catch (UnresolvedException | IllegalArgumentException e) {
            declared.refuse(id, e.getMessage());
            return false;
        }
        new Declarations(data).note(id.namespace(), id.name(), file);
        starts.begin(() -> declared.start(function, file));
        return true;
    }

    /** True if it has to be trained first. */
    private boolean start(Model model, Path file, Starts starts) {
        models.declare(model);
        boolean trained = model.spec().train() != null;
        if (trained || model.spec().drift() != null) {
            starts.begin(functions::startProfiler);
        }
        if (!trained) {
            starts.begin(() -> serving.start(model, file));
        }
        return trained;
    }

    private List<Assignment> assignments(Map<Graph.Id, Path> files) {
        List<Assignment> assignments = new ArrayList<>();
        datasets.forEach((id, dataset) -> assign(id, dataset, files.get(id)).ifPresent(assignments::add));
        return assignments;
    }

    /** What a Dataset's work is; empty, and said in its status, if something that it names is not there. */
    private Optional<Assignment> assign(Graph.Id id, Dataset dataset, @Nullable Path file) {
        try {
            mustBeSupported(dataset);
            folders.prepare(id, dataset, file);
            Assignments assignments = new Assignments(
                    cluster,
                    id.namespace(),
                    new LocalSurroundings(id.namespace(), datasets, declared, serving, training, functions));
            Assignment assignment = training.of(id)
                    .map(rounds -> assignments.ofTraining(dataset, rounds.model(), rounds.learner()))
                    .orElseGet(() -> assignments.of(dataset));
            datasets.allow(id, dataset);
            return Optional.of(assignment);
        } catch (UnresolvedException e) {
            datasets.refuse(id, dataset, e.reason(), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static void mustBeSupported(Resource resource) {
        List<Violation> found = NotYetSupported.check(resource, NotYetSupported.Place.Laptop);
        if (!found.isEmpty()) {
            throw new UnresolvedException(
                    NotYetSupported.REASON,
                    found.stream().map(Violation::toString).collect(Collectors.joining("; ")));
        }
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

    /** What has changed since the last look: files in folders, artifacts, models that were made, live data. */
    void look() throws InterruptedException {
        folders.sync(driver::changed);
        serving.lookAtArtifacts().forEach(id -> driver.declare(waitingFor(id)));
        serveWhatWasTrained();
        compareWhatIsLive();
    }

    /** Serves each model that was made since the last call, and lets go what waits for it; false if there was none. */
    private boolean serveWhatWasTrained() throws InterruptedException {
        boolean any = false;
        for (Map.Entry<Graph.Id, DatasetStatus> entry : datasets.seen().entrySet()) {
            Optional<Model> made = training.take(entry.getKey(), entry.getValue());
            if (made.isPresent()) {
                Graph.Id model = ResourceBook.id(made.get());
                any = true;
                models.learned(model, training.learned(entry.getValue()));
                serving.serve(made.get());
                driver.declare(waitingFor(model));
            }
        }
        tellWhoWaitsInVain();
        return any;
    }

    /** A Dataset that waits for a model which could not be trained says so, where it said that it waits. */
    private void tellWhoWaitsInVain() {
        for (Graph.Id model : models.declared().keySet()) {
            String why = models.refused(model);
            if (training.makes(model) && why != null && !why.equals(inVain.put(model, why))) {
                driver.declare(waitingFor(model));
            }
        }
    }

    private List<Assignment> waitingFor(Graph.Id model) {
        Predicate<Dataset> waits = dataset -> {
            DatasetSpec.From from = dataset.spec().from();
            return from != null
                    && model.name().equals(from.model())
                    && model.namespace().equals(ResourceBook.namespace(dataset));
        };
        List<Assignment> assignments = new ArrayList<>();
        datasets.forEach((id, dataset) -> {
            if (waits.test(dataset) && training.of(id).isEmpty()) {
                assign(id, dataset, null).ifPresent(assignments::add);
            }
        });
        return assignments;
    }

    private void compareWhatIsLive() throws InterruptedException {
        drifts.look(datasets, training, functions.profiler("/"));
    }

    /** Where the run of each Dataset that is at work stands, from its ledger. */
    void showProgress() {
        Progress progress = new Progress(store.client(), STATE_BUCKET);
        datasets.seen().forEach((id, status) -> {
            if (status.conditions().stream()
                    .anyMatch(condition -> condition.type().equals(Condition.PROGRESSING) && condition.holds())) {
                if (isTraining(id)) {
                    display.rounds(id.name(), progress.revision(id));
                }
                progress.of(id)
                        .ifPresent(
                                state -> display.progress(id.name(), state.succeeded(), state.failed(), state.total()));
            }
        });
    }

    Map<Graph.Id, DatasetStatus> statuses() {
        return datasets.statuses();
    }

    /** Whether the rounds of a Model's training are the revisions of the Dataset: the Model tells what came of them. */
    boolean isTraining(Graph.Id dataset) {
        return training.of(dataset).isPresent();
    }

    /** What is seen of the Models. */
    Map<Graph.Id, ModelStatus> models() {
        return models.statuses();
    }

    /** Functions and models that nobody can call, and why, by {@code kind/name}. */
    Map<String, String> unusable() {
        Map<String, String> all = new TreeMap<>();
        declared.refused().forEach((name, why) -> all.put("function/" + name, why));
        models.refused().forEach((name, why) -> all.put("model/" + name, why));
        return all;
    }

    /** The functions that answer, by name. */
    List<String> callable() {
        return declared.names();
    }

    /** Whether any function is called by the clock. */
    boolean isTimed() {
        return callers.isTimed();
    }

    @Override
    public void close() {
        driver.close();
        models.end();
        callers.close();
        ingress.close();
        broker.close();
        functions.close();
        client.close();
    }
}
