package dev.tidemill.operator.dataset;

import dev.tidemill.api.DatasetStatus;
import dev.tidemill.dataflow.Announcer;
import dev.tidemill.dataflow.Assignment;
import dev.tidemill.dataflow.DatasetRef;
import dev.tidemill.dataflow.Driver;
import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.HttpSlices;
import dev.tidemill.operator.OperatorConfig;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The operator's side of the {@link Driver}: tells it only what changed, finds the materializers, and keeps the statuses that it
 * derives until the reconciler writes them.
 */
public final class Drive implements AutoCloseable {

    private final Driver driver;
    private final Map<Graph.Id, Course> courses = new ConcurrentHashMap<>();
    private final Map<Graph.Id, DatasetStatus> statuses = new ConcurrentHashMap<>();
    private final List<Consumer<Graph.Id>> listeners = new CopyOnWriteArrayList<>();

    /** What the driver was told last. */
    private record Course(Assignment assignment, URI materializer) {}

    public Drive(Announcer brokers, FunctionClient functions, OperatorConfig config) {
        driver = Driver.start(
                new HttpSlices(functions, this::materializer),
                brokers,
                this::update,
                new Driver.Settings(config.slices(), false));
    }

    /** Calls back whenever {@link #status} has something new. */
    public void onStatus(Consumer<Graph.Id> listener) {
        listeners.add(listener);
    }

    void declare(Graph.Id id, Assignment assignment, URI materializer) {
        var known = courses.get(id);
        if (known != null && known.assignment.equals(assignment.withoutStatus())) {
            courses.put(id, new Course(known.assignment, materializer));
        } else {
            courses.put(id, new Course(assignment.withoutStatus(), materializer));
            driver.declare(List.of(assignment));
        }
    }

    void remove(Graph.Id id) {
        if (courses.remove(id) != null) {
            driver.remove(id);
        }
        statuses.remove(id);
    }

    /**
     * A hint from outside that these keys, or anything if there are none, may have changed.
     *
     * @param traceparent of the event that said so, or null
     */
    public void changed(String namespace, String name, Set<String> keys, @Nullable String traceparent) {
        driver.changed(new Graph.Id(namespace, name), keys, traceparent);
    }

    /** What the driver last said of a Dataset that it works on. */
    Optional<DatasetStatus> status(Graph.Id id) {
        return Optional.ofNullable(statuses.get(id));
    }

    @Override
    public void close() {
        driver.close();
    }

    private URI materializer(DatasetRef dataset) {
        var course = courses.get(new Graph.Id(dataset.namespace(), dataset.name()));
        if (course == null) {
            throw new IllegalStateException(dataset + " is no longer declared");
        }
        return course.materializer;
    }

    private void update(DatasetRef dataset, DatasetStatus status) {
        var id = new Graph.Id(dataset.namespace(), dataset.name());
        if (courses.containsKey(id)) {
            statuses.put(id, status);
            listeners.forEach(listener -> listener.accept(id));
        }
    }
}
