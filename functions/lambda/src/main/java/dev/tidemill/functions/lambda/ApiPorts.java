package dev.tidemill.functions.lambda;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The ports of the Runtime API, opened before anything else is loaded. A runtime in a container beside may be up first, and one that is
 * refused there ends; on an open port it waits until it is taken.
 */
final class ApiPorts {

    private ApiPorts() {}

    /** @param ports 0 for any that is free */
    static List<ServerSocketChannel> open(List<Integer> ports) throws IOException {
        List<ServerSocketChannel> open = new ArrayList<>();
        for (int port : ports) {
            open.add(ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        }
        return open;
    }
}
