package dev.tidemill.functions.lambda;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.List;

/** Starts the bridge as its environment says, and stays. */
public final class Main {

    private Main() {}

    public static void main(String[] args) throws InterruptedException, IOException {
        TaskFolder.fill(System.getenv());
        List<ServerSocketChannel> apis = ApiPorts.open(Settings.apiPorts(System.getenv()));
        // Heap buffers will do, and the JDK warns of the memory access that Netty prefers.
        System.setProperty("io.netty.noUnsafe", "true");
        Bridge bridge = Bridge.start(Settings.of(System.getenv()), System.getenv(), apis);
        Runtime.getRuntime().addShutdownHook(new Thread(bridge::close, "ending"));
        Log.line("bridge for %s listens on port %d", bridge.settings().function(), bridge.port());
        bridge.await();
    }
}
