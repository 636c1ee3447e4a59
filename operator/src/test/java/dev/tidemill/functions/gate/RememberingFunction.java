package dev.tidemill.functions.gate;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What stands behind a gate.
 *
 * @param callers whom the gate has let through, as it names them, each with the path that was asked for
 */
record RememberingFunction(HttpServer server, List<String> callers) implements AutoCloseable {

    static RememberingFunction start() throws IOException {
        var function = new RememberingFunction(
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
                new CopyOnWriteArrayList<>());
        function.server.createContext("/", call -> {
            function.callers.add(call.getRequestHeaders().getFirst("Tidemill-Caller") + " " + call.getRequestURI());
            call.sendResponseHeaders(204, -1);
            call.close();
        });
        function.server.start();
        return function;
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
