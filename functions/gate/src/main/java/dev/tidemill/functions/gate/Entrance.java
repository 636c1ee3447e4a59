package dev.tidemill.functions.gate;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** One connection of a caller; its requests are taken one after another. */
final class Entrance extends ChannelInboundHandlerAdapter {

    /** Of a request that was refused so much is still read, for its sender reads our answer only when it has sent all of its own. */
    private static final long PATIENCE = 1 << 20;

    private static final String HEALTH = "/_tidemill/health/";

    private final Door door;

    private @Nullable Exchange exchange;
    private @Nullable Matching matching;
    private @Nullable LastHttpContent kept;
    private long dropped;
    private boolean asked;

    Entrance(Door door) {
        this.door = door;
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
            var ready = head.uri().equals(HEALTH + "ready");
            act(caller, head, answers, ready ? door.probe(head) : new Verdict.Ready());
            return;
        } else {
            door.judge(head).whenComplete((verdict, failure) -> {
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
            case Verdict.Admitted admitted
            when admitted.detail() != null -> {
                if (HttpUtil.is100ContinueExpected(head)) {
                    head.headers().remove(HttpHeaderNames.EXPECT);
                    caller.writeAndFlush(
                            new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
                }
                matching = new Matching(head, admitted);
            }
            case Verdict.Admitted admitted -> {
                begin(caller, head, admitted);
                return;
            }
            case Verdict.Connecting(var function) -> {
                probe(caller, function, answers);
                return;
            }
            case Verdict.Ready _ -> answers.health(true);
            case Verdict.Unauthenticated(var error, var why) -> answers.unauthenticated(error, why);
            case Verdict.Forbidden(var subject) -> answers.forbidden(subject);
            case Verdict.NoSuchEvent _ -> answers.noSuchEvent();
            case Verdict.NoRoute _ -> answers.noRoute();
            case Verdict.Unavailable(var why) -> answers.unavailable(why);
        }
        ask(caller);
    }

    private void begin(ChannelHandlerContext caller, HttpRequest head, Verdict.Admitted admitted) {
        exchange = new Exchange(
                caller, admitted, head, new Answers(caller, head), () -> next(caller), () -> exchange = null);
        exchange.begin();
    }

    /** The next part of what the caller sends: what was kept of it, if anything was. */
    private void next(ChannelHandlerContext caller) {
        LastHttpContent whole = kept;
        kept = null;
        if (whole == null) {
            ask(caller);
        } else if (exchange != null) {
            exchange.send(whole);
        } else {
            whole.release();
            ask(caller);
        }
    }

    private void probe(ChannelHandlerContext caller, FunctionConnections function, Answers answers) {
        function.connect(caller.channel().eventLoop()).addListener(connecting -> {
            answers.health(connecting.isSuccess());
            ask(caller);
            if (connecting instanceof ChannelFuture connected) {
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
        Matching pending = matching;
        if (pending != null) {
            match(caller, pending, content);
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

    private void match(ChannelHandlerContext caller, Matching pending, HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        boolean fits = pending.add(content);
        ReferenceCountUtil.release(content);
        if (fits && !last) {
            ask(caller);
            return;
        }
        matching = null;
        var answers = new Answers(caller, pending.head());
        if (!fits) {
            answers.tooLargeToMatch();
            ask(caller);
        } else if (!pending.holds()) {
            answers.notAskedFor();
            ask(caller);
        } else {
            kept = pending.whole();
            begin(caller, pending.head(), pending.admitted());
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
