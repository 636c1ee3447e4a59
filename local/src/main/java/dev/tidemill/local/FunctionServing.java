package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.dataflow.Callee;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.UnresolvedException;
import dev.tidemill.local.broker.Ingress;
import dev.tidemill.local.process.FunctionProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The Functions of a run: those that answer, and why the others do not. Safe for concurrent use. */
final class FunctionServing {

    private final Functions functions;
    private final Programs programs;
    private final Ingress ingress;
    private final Callers callers;
    private final Map<Graph.Id, Functions.Running> running = new ConcurrentHashMap<>();
    private final Map<Graph.Id, String> refused = new ConcurrentHashMap<>();

    /** @param ingress where functions send events */
    FunctionServing(Functions functions, Programs programs, Ingress ingress, Callers callers) {
        this.functions = functions;
        this.programs = programs;
        this.ingress = ingress;
        this.callers = callers;
    }

    /** Returns when it answers, or is refused. */
    void start(Function function, Path file) throws InterruptedException {
        Graph.Id id = ResourceBook.id(function);
        try {
            Programs.Source source =
                    programs.of(id.namespace(), function, file, ingress.address(id.namespace(), "default"));
            running.put(id, functions.start(id.namespace(), function, source));
            refused.remove(id);
        } catch (UsageException | FunctionProcess.StartFailedException e) {
            refuse(id, e.getMessage());
        }
    }

    /** Nobody can call it. */
    void refuse(Graph.Id id, @Nullable String why) {
        refused.put(id, String.valueOf(why));
    }

    /** Lets events, the clock and its path call it, if it answers. */
    void connect(Function function) {
        Graph.Id id = ResourceBook.id(function);
        try {
            Optional.ofNullable(running.get(id)).ifPresent(there -> callers.connect(id, there));
        } catch (UsageException e) {
            refuse(id, e.getMessage());
        }
    }

    /**
     * One that a Dataset can call, or empty when there is none of that name.
     *
     * @throws UnresolvedException if nobody can call it
     */
    Optional<Callee> callee(Graph.Id id, Datasets datasets) {
        String why = refused.get(id);
        if (why != null) {
            throw new UnresolvedException("FunctionNotReady", why);
        }
        return Optional.ofNullable(running.get(id))
                .map(there -> Callee.of(
                        id.namespace(),
                        there.function(),
                        there.url(),
                        there.version(),
                        datasets.places(id.namespace())));
    }

    Optional<Function> find(Graph.Id id) {
        return Optional.ofNullable(running.get(id)).map(Functions.Running::function);
    }

    /** Those that answer, by name. */
    List<String> names() {
        return running.keySet().stream().map(Graph.Id::name).sorted().toList();
    }

    /** Those that nobody can call, and why. */
    Map<String, String> refused() {
        Map<String, String> reasons = new TreeMap<>();
        refused.forEach((id, why) -> reasons.put(id.name(), why));
        return reasons;
    }
}
