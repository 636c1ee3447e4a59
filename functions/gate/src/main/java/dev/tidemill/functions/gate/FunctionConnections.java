package dev.tidemill.functions.gate;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Connections to a function, kept for the next request on the event loop of the caller's connection, so that no thread hands over. */
final class FunctionConnections {

    /** Shorter than the idle time of any server in use, so that it does not close while a request is on its way. */
    private static final long IDLE_NANOS = Duration.ofSeconds(2).toNanos();

    private static final AttributeKey<Long> SINCE = AttributeKey.valueOf(FunctionConnections.class, "since");

    private final InetSocketAddress address;
    private final Map<EventLoop, Deque<Channel>> idle = new ConcurrentHashMap<>();

    FunctionConnections(InetSocketAddress address) {
        this.address = address;
    }

    /** One that is open and idle, or null. */
    @Nullable
    Channel idle(EventLoop loop) {
        Deque<Channel> kept = idle.computeIfAbsent(loop, _ -> new ArrayDeque<>());
        for (Channel channel = kept.pollLast(); channel != null; channel = kept.pollLast()) {
            if (channel.isActive() && System.nanoTime() - channel.attr(SINCE).get() < IDLE_NANOS) {
                return channel;
            }
            channel.close();
        }
        return null;
    }

    /** A new one, on that event loop. */
    ChannelFuture connect(EventLoop loop) {
        return new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 5_000)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        // A function may answer with headers of any size that an HTTP server sends.
                        channel.pipeline()
                                .addLast(new HttpClientCodec(16_384, 262_144, 65_536))
                                .addLast(new FlowControlHandler());
                    }
                })
                .connect(address);
    }

    /** Takes one back whose answer was whole. */
    void release(Channel channel) {
        if (channel.isActive()) {
            channel.attr(SINCE).set(System.nanoTime());
            idle.computeIfAbsent(channel.eventLoop(), _ -> new ArrayDeque<>()).addLast(channel);
            // The end of an idle connection is only seen by who reads.
            channel.read();
        }
    }
}
