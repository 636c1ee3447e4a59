package dev.tidemill.functions.gate;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Takes requests at a port, for a {@link Door} to decide on. Bodies pass in both directions as they come, at the pace of the slower side. */
final class Server implements AutoCloseable {

    private static final int LONGEST_LINE = 16_384;

    /** A token takes a kilobyte or two of it. */
    private static final int LONGEST_HEADERS = 65_536;

    private static final int CHUNK = 65_536;

    private final NioEventLoopGroup group =
            new NioEventLoopGroup(Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors())));
    private final Channel entrance;

    /** @param port 0 for any */
    Server(int port, Door door) throws InterruptedException {
        entrance = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // Nothing is read before it is asked for: a caller cannot fill the memory of a gate whose function is
                // slow.
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, CHUNK))
                                .addLast(new FlowControlHandler())
                                .addLast(new Entrance(door));
                    }
                })
                .bind(port)
                .sync()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) entrance.localAddress()).getPort();
    }

    /** Returns when it is closed. */
    void await() throws InterruptedException {
        entrance.closeFuture().sync();
    }

    /** Takes no more connections, and gives those that are open a second. */
    @Override
    public void close() {
        entrance.close().awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
