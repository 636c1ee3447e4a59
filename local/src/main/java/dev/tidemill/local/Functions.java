package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.local.process.FunctionProcess;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The functions that this command runs or calls: one process each, started when a Dataset first needs it. */
final class Functions implements AutoCloseable {

    private final FunctionProcess dataflow;
    private final Map<String, FunctionProcess> processes = new ConcurrentHashMap<>();
    private boolean started;

    /**
     * A function that is there.
     *
     * @param version stands for the image digest
     */
    record Running(Function function, URI url, String version) {}

    Functions(Programs programs) {
        dataflow = new FunctionProcess(programs.dataflow());
    }

    /** Starts Tidemill's own, which every Dataset needs, unless they run. */
    synchronized void startDataflow() throws InterruptedException {
        if (!started) {
            dataflow.start();
            started = true;
        }
    }

    URI dataflow(String path) {
        return dataflow.url(path);
    }

    /** How often the process of Tidemill's own functions has ended by itself. */
    int dataflowEndings() {
        return dataflow.endings();
    }

    /** The function, which answers when this returns; its process is kept if nothing about it has changed. */
    Running start(String namespace, Function function, Programs.Source source) throws InterruptedException {
        return switch (source) {
            case Programs.Source.Url there -> new Running(function, there.url(), there.version());
            case Programs.Source.Local here -> {
                String name = key(namespace, function.metadata().name());
                FunctionProcess present = processes.get(name);
                if (present == null || !present.program().equals(here.program())) {
                    FunctionProcess fresh = new FunctionProcess(here.program());
                    processes.put(name, fresh);
                    if (present != null) {
                        present.close();
                    }
                    fresh.start();
                    present = fresh;
                }
                yield new Running(function, present.url("/"), here.version());
            }
        };
    }

    /** Ends and starts a function that does not come back from a call. */
    void restart(String namespace, String function) {
        FunctionProcess process = processes.get(key(namespace, function));
        if (process != null) {
            process.restart();
        }
    }

    private static String key(String namespace, String function) {
        return namespace + "/" + function;
    }

    @Override
    public void close() {
        Thread[] endings = Stream.concat(Stream.of(dataflow), processes.values().stream())
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
