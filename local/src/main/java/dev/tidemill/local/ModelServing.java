package dev.tidemill.local;

import dev.tidemill.api.Model;
import dev.tidemill.dataflow.Callee;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.UnresolvedException;
import dev.tidemill.local.display.Display;
import dev.tidemill.local.process.FunctionProcess;
import dev.tidemill.local.process.FunctionProcess.Program;
import dev.tidemill.store.StoreException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The Models that answer on this machine, each by a process of the model server. Safe for concurrent use. */
final class ModelServing {

    private final LocalStore store;
    private final Functions functions;
    private final Programs programs;
    private final Models models;
    private final Display display;
    private final Map<Graph.Id, Callee> answering = new ConcurrentHashMap<>();
    private final Map<Graph.Id, Looked> looked = new ConcurrentHashMap<>();

    /** What was served last, or tried, of an artifact that may be replaced. */
    private record Looked(ModelServer server, String stamp) {}

    ModelServing(LocalStore store, Functions functions, Programs programs, Models models, Display display) {
        this.store = store;
        this.functions = functions;
        this.programs = programs;
        this.models = models;
        this.display = display;
    }

    /** One that is there. Returns when it answers, or is known not to. */
    void start(Model model, Path declaredIn) throws InterruptedException {
        Graph.Id id = ResourceBook.id(model);
        try {
            ModelServer server = ModelServer.of(model, declaredIn, Installation.home());
            looked.put(id, new Looked(server, stamp(server)));
            serve(server);
        } catch (UsageException e) {
            fail(id, String.valueOf(e.getMessage()));
        }
    }

    /** Serves anew what was replaced since the last look, and names it. */
    List<Graph.Id> lookAtArtifacts() throws InterruptedException {
        List<Graph.Id> fresh = new ArrayList<>();
        for (Map.Entry<Graph.Id, Looked> entry : looked.entrySet()) {
            ModelServer server = entry.getValue().server();
            String stamp = stamp(server);
            if (!stamp.isEmpty() && !stamp.equals(entry.getValue().stamp())) {
                entry.setValue(new Looked(server, stamp));
                serve(server);
                fresh.add(entry.getKey());
            }
        }
        return fresh;
    }

    /** Empty while there is none: whoever replaces an artifact may remove it first. */
    private String stamp(ModelServer server) {
        try {
            return server.stamp(store.client());
        } catch (UsageException | StoreException _) {
            return "";
        }
    }

    /** One that was made, and has a source now. */
    void serve(Model made) throws InterruptedException {
        serve(new ModelServer(made, null, Installation.home()));
    }

    private void serve(ModelServer server) throws InterruptedException {
        Graph.Id id = ResourceBook.id(server.model());
        Program program = null;
        try {
            String version = server.version(store.client());
            program = programs.of(id.namespace(), server, version);
            DataDir.write(ModelServer.lastWords(program.log()), "");
            URI url = functions.startModel(id.namespace(), program);
            answering.put(
                    id,
                    Callee.of(
                            id.namespace(),
                            server.model(),
                            server.model().spec().scale().max(),
                            url,
                            version));
            models.serves(id, url.toString(), version);
            display.note("model %s answers at %sv2/models/%s".formatted(id.name(), url, id.name()));
        } catch (FunctionProcess.StartFailedException e) {
            fail(
                    id,
                    Optional.ofNullable(program)
                            .flatMap(started -> DataDir.read(ModelServer.lastWords(started.log())))
                            .orElseGet(() -> String.valueOf(e.getMessage())));
        } catch (UsageException | StoreException e) {
            fail(id, String.valueOf(e.getMessage()));
        }
    }

    /** A broken artifact does not take down what serves. */
    private void fail(Graph.Id id, String why) {
        models.fails(id, why);
        if (answering.containsKey(id)) {
            display.note("model %s: the version before goes on serving, since %s".formatted(id.name(), why));
        }
    }

    /**
     * One that a Dataset can call, or empty when none of that name answers.
     *
     * @throws UnresolvedException if nobody can call it
     */
    Optional<Callee> callee(Graph.Id id) {
        String why = models.refused(id);
        if (why != null) {
            throw new UnresolvedException("ModelNotReady", why);
        }
        return Optional.ofNullable(answering.get(id));
    }
}
