package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.local.broker.Broker;
import dev.tidemill.local.broker.PathRouter;
import dev.tidemill.local.broker.Subscription;
import dev.tidemill.local.broker.Timetable;
import dev.tidemill.local.display.Display;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What calls functions beside Datasets: events of the broker, the clock, and a namespace's address with its paths. */
final class Callers implements AutoCloseable {

    private final DataDir data;
    private final Broker broker;
    private final Display display;
    private final Timetable timetable;
    private final Map<Graph.Id, List<Subscription>> subscribed = new HashMap<>();
    private final Map<String, PathRouter> routers = new HashMap<>();

    Callers(DataDir data, Broker broker, Display display) {
        this.data = data;
        this.broker = broker;
        this.display = display;
        this.timetable = new Timetable(InstantSource.system(), broker);
    }

    /**
     * Lets them call the function as it declares, in place of what it declared before.
     *
     * @throws UsageException if a schedule cannot be read, or its path is another function's
     */
    void connect(Graph.Id id, Functions.Running there) {
        Function function = there.function();
        List<Timetable.Entry> schedules = Subscriptions.schedules(function);
        List<Subscription> fresh = Subscriptions.of(function, there::url);
        List<Subscription> before = subscribed.put(id, fresh);
        if (before != null) {
            broker.unsubscribe(before);
        }
        fresh.forEach(broker::subscribe);
        timetable.put(id.namespace() + "/" + id.name(), schedules);
        route(id, function.spec().path(), there.url());
        if (!function.spec().invokers().isEmpty()) {
            display.note(
                    "function %s: who may call it (spec.invokers) is looked at on a cluster; here it is whoever is on this machine"
                            .formatted(id.name()));
        }
    }

    /** Whether any function is called by the clock. */
    boolean isTimed() {
        return !timetable.isEmpty();
    }

    private void route(Graph.Id id, @Nullable String path, URI url) {
        if (path == null) {
            if (routers.containsKey(id.namespace())) {
                routers.get(id.namespace()).remove(id.name());
            }
            return;
        }
        PathRouter router = routers.computeIfAbsent(id.namespace(), this::open);
        String other = router.put(path, id.name(), url);
        if (other != null) {
            throw new UsageException(
                    "spec.path %s leads to function %s already: choose another".formatted(path, other));
        }
        display.note("function %s answers at %s%s".formatted(id.name(), router.address(), path));
    }

    /** At the same port as last time, if it can be had. */
    private PathRouter open(String namespace) {
        Path file = data.root().resolve("paths").resolve(namespace + ".port");
        PathRouter router =
                PathRouter.open(DataDir.read(file).map(Integer::valueOf).orElse(0));
        DataDir.write(file, Integer.toString(router.address().getPort()));
        return router;
    }

    @Override
    public void close() {
        timetable.close();
        routers.values().forEach(PathRouter::close);
    }
}
