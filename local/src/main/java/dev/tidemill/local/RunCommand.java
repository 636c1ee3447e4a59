package dev.tidemill.local;

import dev.tidemill.api.Condition;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Function;
import dev.tidemill.api.InvalidResourcesException;
import dev.tidemill.api.ResourceReader;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.local.display.Display;
import dev.tidemill.local.display.JsonLines;
import dev.tidemill.local.process.FunctionProcess;
import dev.tidemill.store.StoreException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill run}. */
@Command(
        name = "run",
        description = "Brings the Datasets and Models in the files up to date, and shows what came of it.",
        footer = {
            "",
            "Ctrl-C ends it at any moment; the same command again goes on where it was.",
            "Exit status: 0 all Datasets and Models are ready, 1 one is not, 2 wrong usage."
        })
final class RunCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE|DIR", arity = "1..*", description = "YAML or JSON files, or folders of them.")
    private List<Path> files = List.of();

    @Option(
            names = "--store",
            paramLabel = "URL",
            description = {
                "A real S3 store instead of the embedded one;",
                "credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            })
    private @Nullable URI storeUrl;

    @Option(
            names = "--function",
            paramLabel = "NAME=URL",
            description = {
                "A function that runs already, such as one that you are just writing:",
                "--function clean=http://localhost:8081. What it computed is computed anew in each run."
            })
    private Map<String, URI> elsewhere = new HashMap<>();

    @Option(names = "--watch", description = "Goes on until Ctrl-C: changed files and folders wake their Datasets.")
    private boolean watch;

    @Option(names = "--json", description = "One JSON object a line: every change of a status.")
    private boolean json;

    @Mixin
    private DataDirOption data = new DataDirOption();

    @Override
    public Integer call() throws InterruptedException {
        for (Path file : files) {
            if (!Files.exists(file)) {
                throw new UsageException(file + " does not exist");
            }
        }
        ResourceReader.Result resources;
        try {
            resources = ResourceReader.read(files);
        } catch (InvalidResourcesException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        if (resources.loaded().isEmpty()) {
            throw new UsageException("there is no resource of " + dev.tidemill.api.Resource.GROUP + " in " + files);
        }
        mustDeclare(resources);
        DataDir directory = data.open();
        try (Display display = json ? new JsonLines(System.out) : Display.forPeople();
                LocalStore store =
                        storeUrl == null ? LocalStore.embedded(directory) : LocalStore.at(storeUrl, System.getenv())) {
            return run(resources, directory, store, display);
        } catch (StoreException.AccessDenied e) {
            String from = storeUrl == null
                    ? "; they are kept in " + directory.store().resolve(".s3/credentials")
                    : "; they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
            System.err.println("tidemill: " + e.getMessage() + from);
            return 1;
        } catch (StoreException | FunctionProcess.StartFailedException e) {
            System.err.println("tidemill: " + e.getMessage());
            return 1;
        }
    }

    /** A name that nobody has would be taken for one that nobody calls. */
    private void mustDeclare(ResourceReader.Result resources) {
        Set<String> declared = resources.resources().stream()
                .filter(Function.class::isInstance)
                .map(function -> function.metadata().name())
                .collect(Collectors.toCollection(TreeSet::new));
        for (String name : elsewhere.keySet()) {
            if (!declared.contains(name)) {
                throw new UsageException("--function %s: there is no such Function in %s; there are: %s"
                        .formatted(name, files, declared.isEmpty() ? "none" : String.join(", ", declared)));
            }
        }
    }

    private int run(ResourceReader.Result resources, DataDir directory, LocalStore store, Display display)
            throws InterruptedException {
        resources
                .foreign()
                .forEach(foreign -> display.note("%s, line %d: %s %s is for a cluster and is left alone"
                        .formatted(foreign.file(), foreign.line(), foreign.kind(), foreign.name())));
        store.mustCommit(Mill.STATE_BUCKET);
        Programs programs = new Programs(Installation.home(), directory, store, elsewhere);
        try (Mill mill = new Mill(directory, store, programs, display)) {
            Thread hook = new Thread(mill::close, "ending");
            Runtime.getRuntime().addShutdownHook(hook);
            Thread watcher = Thread.ofVirtual().start(() -> showProgress(mill));
            mill.apply(resources.loaded());
            if (watch) {
                watch(mill, display);
            } else if (mill.isTimed()) {
                display.note("schedules are kept as long as --watch runs");
            }
            mill.awaitSettled();
            watcher.interrupt();
            watcher.join();
            display.close();
            int status = summarise(mill, store, System.out);
            Runtime.getRuntime().removeShutdownHook(hook);
            return status;
        }
    }

    private static void showProgress(Mill mill) {
        try {
            while (true) {
                Thread.sleep(300);
                mill.showProgress();
            }
        } catch (InterruptedException _) {
            // The run is over.
        }
    }

    /** Polls once a second: a folder watch misses what happens before it starts and on network drives. */
    private void watch(Mill mill, Display display) throws InterruptedException {
        var last = Snapshot.of(files);
        Map<String, String> told = Map.of();
        while (true) {
            told = tellNews(told, mill.unusable(), display);
            Thread.sleep(1_000);
            mill.look();
            var now = Snapshot.of(files);
            if (!now.equals(last)) {
                last = now;
                try {
                    mill.apply(ResourceReader.read(files).loaded());
                } catch (InvalidResourcesException e) {
                    System.err.println(e.getMessage());
                }
            }
        }
    }

    /** What cannot be called, which a run without --watch tells in the end. */
    private static Map<String, String> tellNews(Map<String, String> told, Map<String, String> now, Display display) {
        now.forEach((what, why) -> {
            if (!why.equals(told.get(what))) {
                display.note(what + " is not ready: " + why);
            }
        });
        return now;
    }

    private int summarise(Mill mill, LocalStore store, PrintStream out) {
        boolean ready = true;
        for (Map.Entry<Graph.Id, DatasetStatus> entry : mill.statuses().entrySet()) {
            boolean isReady = isReady(entry.getValue());
            ready &= isReady;
            if (!json && !(isReady && mill.isTraining(entry.getKey()))) {
                DatasetSummary.print(entry.getKey().name(), entry.getValue(), store.client(), out);
            }
        }
        if (!json) {
            mill.models().forEach((id, status) -> ModelSummary.print(id.name(), status, out));
        }
        if (!json && mill.statuses().isEmpty()) {
            mill.callable()
                    .forEach(name -> out.println(
                            "function/%s is ready: ./tidemill invoke function/%s calls it".formatted(name, name)));
        }
        for (Map.Entry<String, String> entry : mill.unusable().entrySet()) {
            ready = false;
            System.err.println("tidemill: " + entry.getKey() + " is not ready: " + entry.getValue());
        }
        return ready ? 0 : 1;
    }

    static boolean isReady(DatasetStatus status) {
        return status.conditions().stream()
                .anyMatch(condition -> condition.type().equals(Condition.READY) && condition.holds());
    }
}
