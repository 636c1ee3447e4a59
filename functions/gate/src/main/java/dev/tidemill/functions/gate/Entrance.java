package dev.tidemill.functions.gate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** One connection of a caller; its requests are taken one after another. */
final class Entrance extends ChannelInboundHandlerAdapter {

    /** Of a request that was refused so much is still read, for its sender reads our answer only when it has sent all of its own. */
    private static final long PATIENCE = 1 << 20;

    private static final String HEALTH = "/_tidemill/health/";

    /** Who is named as the caller of a probe. */
    private static final String PROBE = "probe";

    private final Judge judge;
    private final FunctionConnections functions;
    private final @Nullable String ready;

    private @Nullable Exchange exchange;
    private long dropped;
    private boolean asked;

    /** @param ready where the function says whether it is ready; null where it is as soon as it takes connections */
    Entrance(Judge judge, FunctionConnections functions, @Nullable String ready) {
        this.judge = judge;
        this.functions = functions;
        this.ready = ready;
    }

    @Override
    public void channelActive(ChannelHandlerContext caller) {
        ask(caller);
    }

    /** For one more part; a second part that nobody waits for would be lost. */
    private void ask(ChannelHandlerContext caller) {
        if (!asked) {
            asked = true;
            caller.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext caller, Object part) {
        asked = false;
        if (part instanceof HttpRequest head) {
            dropped = 0;
            begin(caller, head);
        }
        if (part instanceof HttpContent content) {
            body(caller, content);
        }
    }

    private void begin(ChannelHandlerContext caller, HttpRequest head) {
        var answers = new Answers(caller, head);
        if (head.decoderResult().isFailure()) {
            answers.malformed(String.valueOf(head.decoderResult().cause().getMessage()));
        } else if (!head.uri().startsWith("/")
                || head.method().equals(HttpMethod.CONNECT)
                || head.method().equals(HttpMethod.TRACE)) {
            answers.malformed("only paths are taken here, by methods that send to a server");
        } else if (head.uri().startsWith(HEALTH)) {
            health(caller, head, answers);
            return;
        } else {
            judge.judge(head).whenComplete((verdict, failure) -> {
                Verdict decided =
                        failure == null ? verdict : new Verdict.Unavailable(String.valueOf(failure.getMessage()));
                // At once where the keys are known; otherwise another thread has waited for them.
                if (caller.executor().inEventLoop()) {
                    act(caller, head, answers, decided);
                } else {
                    caller.executor().execute(() -> act(caller, head, answers, decided));
                }
            });
            return;
        }
        ask(caller);
    }

    private void act(ChannelHandlerContext caller, HttpRequest head, Answers answers, Verdict verdict) {
        if (!caller.channel().isActive()) {
            return;
        }
        switch (verdict) {
            case Verdict.Admitted admitted -> {
                exchange = new Exchange(
                        caller, functions, head, admitted, answers, () -> ask(caller), () -> exchange = null);
                exchange.begin();
                return;
            }
            case Verdict.Unauthenticated(var error, var why) -> answers.unauthenticated(error, why);
            case Verdict.Forbidden(var subject) -> answers.forbidden(subject);
            case Verdict.Unavailable(var why) -> answers.unavailable(why);
        }
        ask(caller);
    }

    /** Alive while this answers; ready while the function takes connections, or says so itself. */
    private void health(ChannelHandlerContext caller, HttpRequest head, Answers answers) {
        if (!head.uri().equals(HEALTH + "ready")) {
            answers.health(true);
            ask(caller);
            return;
        }
        if (ready != null) {
            act(caller, head, answers, new Verdict.Admitted(PROBE, ready));
            return;
        }
        functions.connect(caller.channel().eventLoop()).addListener(connecting -> {
            answers.health(connecting.isSuccess());
            ask(caller);
            if (connecting instanceof io.netty.channel.ChannelFuture connected) {
                connected.channel().close();
            }
        });
    }

    private void body(ChannelHandlerContext caller, HttpContent content) {
        Exchange current = exchange;
        if (current != null) {
            current.send(content);
            return;
        }
        dropped += content.content().readableBytes();
        boolean last = content instanceof LastHttpContent;
        ReferenceCountUtil.release(content);
        if (!last && dropped > PATIENCE) {
            caller.close();
        } else {
            ask(caller);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext caller) {
        Exchange current = exchange;
        if (current != null) {
            current.callerWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext caller) {
        Exchange current = exchange;
        if (current != null) {
            current.abandoned();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caller, Throwable cause) {
        caller.close();
    }
}
