package dev.tidemill.functions.gate;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;

/** Stands in front of a function, in its pod: whoever is not let through is answered here, and nothing of the request reaches the function. */
final class Gate implements AutoCloseable {

    private final Server server;

    private Gate(Settings settings, Clock clock) throws InterruptedException {
        var access = settings.access();
        var callers = access.callers();
        server = new Server(
                settings.port(),
                new Judge(
                        access,
                        new Deliveries(access.deliveries(), clock),
                        new Tokens(
                                callers.stream().map(Settings.Callers::audience).toList(),
                                new Keys(access, clock),
                                clock),
                        new FunctionConnections(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), access.function()))));
        Log.line(
                "the gate listens on port %d, for %d callers",
                port(),
                callers.stream().mapToInt(some -> some.subjects().size()).sum());
    }

    static Gate start(Settings settings) throws InterruptedException {
        return start(settings, Clock.systemUTC());
    }

    /** @param clock by which tokens expire */
    static Gate start(Settings settings, Clock clock) throws InterruptedException {
        return new Gate(settings, clock);
    }

    int port() {
        return server.port();
    }

    /** Returns when the gate is closed. */
    void await() throws InterruptedException {
        server.await();
    }

    @Override
    public void close() {
        server.close();
    }
}
