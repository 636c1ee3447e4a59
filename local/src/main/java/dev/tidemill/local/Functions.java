package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.local.process.FunctionProcess;
import dev.tidemill.local.process.FunctionProcess.Program;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The functions that this command runs or calls: one process each, started when a Dataset first needs it. */
final class Functions implements AutoCloseable {

    private final FunctionProcess materializer;
    private final FunctionProcess profiler;
    private final Map<String, FunctionProcess> processes = new ConcurrentHashMap<>();
    private final Set<FunctionProcess> all = ConcurrentHashMap.newKeySet();
    private final Set<FunctionProcess> started = ConcurrentHashMap.newKeySet();

    /**
     * A function that is there.
     *
     * @param version stands for the image digest
     */
    record Running(Function function, URI url, String version) {}

    Functions(Programs programs) {
        materializer = new FunctionProcess(programs.materializer());
        profiler = new FunctionProcess(programs.profiler());
    }

    /** Starts what every Dataset needs, unless it runs. */
    void startMaterializer() throws InterruptedException {
        startOnce(materializer);
    }

    /** Starts what generates and profiles, unless it runs. */
    void startProfiler() throws InterruptedException {
        startOnce(profiler);
    }

    private void startOnce(FunctionProcess process) throws InterruptedException {
        if (started.add(process)) {
            process.start();
        }
    }

    URI materializer() {
        return materializer.url("/");
    }

    /** @param path which of its functions */
    URI profiler(String path) {
        return profiler.url(path);
    }

    /** How often the materializer has ended by itself. */
    int materializerEndings() {
        return materializer.endings();
    }

    /** The function, which answers when this returns; its process is kept if nothing about it has changed. */
    Running start(String namespace, Function function, Programs.Source source) throws InterruptedException {
        return switch (source) {
            case Programs.Source.Url there -> new Running(function, there.url(), there.version());
            case Programs.Source.Local here -> {
                FunctionProcess present =
                        keep(key(namespace, function.metadata().name()), here.program());
                yield new Running(function, present.url("/"), here.version());
            }
        };
    }

    /** What is there goes on until what takes its place answers. */
    private FunctionProcess keep(String name, Program program) throws InterruptedException {
        FunctionProcess present = processes.get(name);
        if (present != null && present.program().equals(program)) {
            return present;
        }
        FunctionProcess fresh = new FunctionProcess(program);
        all.add(fresh);
        try {
            fresh.start();
        } catch (FunctionProcess.StartFailedException e) {
            all.remove(fresh);
            throw e;
        }
        processes.put(name, fresh);
        if (present != null) {
            present.close();
            all.remove(present);
        }
        return fresh;
    }

    /** Where the model answers; its process is kept if nothing about it has changed. */
    URI startModel(String namespace, Program program) throws InterruptedException {
        return keep(key(namespace, "model/" + program.name()), program).url("/");
    }

    /** Ends and starts the function at an address, if it is one that this command runs: it does not come back from a call. */
    void restart(URI url) {
        Stream.concat(Stream.of(profiler), processes.values().stream())
                .filter(process -> process.url("/").getAuthority().equals(url.getAuthority()))
                .forEach(FunctionProcess::restart);
    }

    private static String key(String namespace, String function) {
        return namespace + "/" + function;
    }

    @Override
    public void close() {
        Thread[] endings = Stream.concat(Stream.of(materializer, profiler), all.stream())
                .map(process -> Thread.startVirtualThread(process::close))
                .toArray(Thread[]::new);
        for (Thread ending : endings) {
            try {
                ending.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
