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
import java.nio.channels.ServerSocketChannel;
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

    private Bridge(Settings settings, Map<String, String> environment, List<ServerSocketChannel> apis)
            throws InterruptedException {
        this.settings = settings;
        this.pool = new Pool(loop, settings.timeout());
        HandlerEvents events = new HandlerEvents(settings.format(), settings.region());
        for (ServerSocketChannel api : apis) {
            LambdaRuntime runtime = new LambdaRuntime(
                    loop, pool, settings, environment, api.socket().getLocalPort());
            server(() -> new RuntimeApi(runtime, settings))
                    .channelFactory(() -> new NioServerSocketChannel(api))
                    .register()
                    .sync();
            runtimes.add(runtime);
        }
        runtimes.forEach(pool::add);
        this.entrance = server(() -> new Entrance(settings, pool, events))
                .channel(NioServerSocketChannel.class)
                .bind(settings.port())
                .sync()
                .channel();
        loop.execute(() -> runtimes.forEach(LambdaRuntime::wake));
    }

    /**
     * Answers at the ports and starts the runtimes that are ours to start.
     *
     * @param environment of those runtimes
     * @param apis where the runtimes come, open already
     */
    static Bridge start(Settings settings, Map<String, String> environment, List<ServerSocketChannel> apis)
            throws InterruptedException {
        return new Bridge(settings, environment, apis);
    }

    Settings settings() {
        return settings;
    }

    int port() {
        return ((InetSocketAddress) entrance.localAddress()).getPort();
    }

    /** Where runtimes come in, one each. */
    List<Integer> apiPorts() {
        return runtimes.stream().map(LambdaRuntime::apiPort).toList();
    }

    /** Returns when the bridge is closed. */
    void await() throws InterruptedException {
        entrance.closeFuture().sync();
    }

    private ServerBootstrap server(Supplier<ChannelHandler> handler) {
        return new ServerBootstrap()
                .group(group)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, CHUNK))
                                .addLast(new HttpServerExpectContinueHandler())
                                .addLast(handler.get());
                    }
                });
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
