package dev.tidemill.functions.lambda;

import dev.tidemill.functions.lambda.event.HandlerEvents;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Stands between callers and runtimes: one port for the callers, one for each runtime. A call waits until a runtime asks for an event,
 * is given to it, and is answered with what the runtime posts.
 */
final class Bridge implements AutoCloseable {

    private static final int LONGEST_LINE = 8_192;

    /** A runtime may send the cause of an error for X-Ray in a header, a megabyte of it. */
    private static final int LONGEST_HEADERS = 2 << 20;

    private static final int CHUNK = 64 << 10;

    private final Settings settings;
    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final EventLoop loop = group.next();
    private final Pool pool;
    private final Channel entrance;
    private final List<LambdaRuntime> runtimes = new ArrayList<>();

    private Bridge(Settings settings, Map<String, String> environment) throws InterruptedException {
        this.settings = settings;
        this.pool = new Pool(loop, settings.timeout());
        HandlerEvents events = new HandlerEvents(settings.format(), settings.region());
        for (int port : settings.apiPorts()) {
            // The runtime is told its port, and the port its runtime.
            LambdaRuntime[] runtime = new LambdaRuntime[1];
            Channel api = listen("127.0.0.1", port, () -> new RuntimeApi(runtime[0], settings));
            runtime[0] = new LambdaRuntime(loop, pool, settings, environment, port(api));
            runtimes.add(runtime[0]);
        }
        runtimes.forEach(pool::add);
        this.entrance = listen("0.0.0.0", settings.port(), () -> new Entrance(settings, pool, events));
        loop.execute(() -> runtimes.forEach(LambdaRuntime::wake));
    }

    /**
     * Opens the ports and starts the runtimes that are ours to start.
     *
     * @param environment of those runtimes
     */
    static Bridge start(Settings settings, Map<String, String> environment) throws InterruptedException {
        return new Bridge(settings, environment);
    }

    Settings settings() {
        return settings;
    }

    int port() {
        return port(entrance);
    }

    /** Where runtimes come in, one each. */
    List<Integer> apiPorts() {
        return runtimes.stream().map(LambdaRuntime::apiPort).toList();
    }

    /** Returns when the bridge is closed. */
    void await() throws InterruptedException {
        entrance.closeFuture().sync();
    }

    private Channel listen(String host, int port, Supplier<ChannelHandler> handler) throws InterruptedException {
        return new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, CHUNK))
                                .addLast(new HttpServerExpectContinueHandler())
                                .addLast(handler.get());
                    }
                })
                .bind(host, port)
                .sync()
                .channel();
    }

    private static int port(Channel server) {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Ends the runtimes that are ours, tells extensions, closes the ports. */
    @Override
    public void close() {
        if (group.isShuttingDown()) {
            return;
        }
        CompletableFuture<Void> told = new CompletableFuture<>();
        loop.execute(() -> CompletableFuture.allOf(
                        runtimes.stream().map(LambdaRuntime::close).toArray(CompletableFuture[]::new))
                .thenRun(() -> told.complete(null)));
        told.completeOnTimeout(null, Extensions.GRACE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
