package dev.tidemill.functions.gate;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * One request that was let through, and its answer. Each side is read only as fast as the other takes: a part is asked for when there is
 * room for it. Everything happens on the event loop of the caller's connection.
 */
final class Exchange extends ChannelInboundHandlerAdapter {

    private final ChannelHandlerContext caller;
    private final FunctionConnections functions;
    private final HttpRequest request;
    private final Answers answers;
    private final Runnable ask;
    private final Runnable over;
    private final boolean keepAlive;
    private final boolean oldCaller;
    private final boolean expectsContinue;

    private @Nullable Channel function;
    private boolean sent;
    private boolean answering;
    private boolean answered;
    private boolean reusable;

    /**
     * @param head as the caller has sent it
     * @param ask for the next part of what the caller sends
     * @param over called when the next request may come
     */
    Exchange(
            ChannelHandlerContext caller,
            Verdict.Admitted admitted,
            HttpRequest head,
            Answers answers,
            Runnable ask,
            Runnable over) {
        this.caller = caller;
        this.functions = admitted.function();
        this.answers = answers;
        this.ask = ask;
        this.over = over;
        this.oldCaller = head.protocolVersion().equals(HttpVersion.HTTP_1_0);
        this.keepAlive = !oldCaller && HttpUtil.isKeepAlive(head);
        this.expectsContinue = HttpUtil.is100ContinueExpected(head);
        this.request = admitted.request();
    }

    /** Finds a connection and sends the head; the body is read when it has gone. */
    void begin() {
        Channel idle = functions.idle(caller.channel().eventLoop());
        if (idle != null) {
            use(idle);
            return;
        }
        functions.connect(caller.channel().eventLoop()).addListener((ChannelFuture connecting) -> {
            if (!connecting.isSuccess()) {
                refuse(true);
            } else if (!caller.channel().isActive()) {
                connecting.channel().close();
            } else {
                use(connecting.channel());
            }
        });
    }

    private void use(Channel connection) {
        function = connection;
        connection.pipeline().addLast("exchange", this);
        if (expectsContinue) {
            caller.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
        connection.write(request).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        connection.read();
        ask.run();
    }

    /** A part of the body, passed on. */
    void send(HttpContent part) {
        Channel to = function;
        if (to == null || !to.isActive()) {
            ReferenceCountUtil.release(part);
            ask.run();
            return;
        }
        sent = part instanceof LastHttpContent;
        ChannelFuture written = to.writeAndFlush(part);
        if (sent) {
            finish();
        } else if (to.isWritable()) {
            ask.run();
        } else {
            written.addListener(_ -> {
                if (function == to) {
                    ask.run();
                }
            });
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object part) {
        if (part instanceof HttpResponse head) {
            if (head.status().codeClass() == io.netty.handler.codec.http.HttpStatusClass.INFORMATIONAL) {
                ReferenceCountUtil.release(part);
                from.read();
                return;
            }
            answering = true;
            reusable = HttpUtil.isKeepAlive(head) && head.decoderResult().isSuccess();
            Hop.strip(head.headers());
            Answers.harden(head.headers());
            frame(head);
        }
        if (part instanceof HttpContent && !answering) {
            // The end of an interim answer.
            ReferenceCountUtil.release(part);
            from.read();
            return;
        }
        answered = part instanceof LastHttpContent;
        if (answered) {
            caller.writeAndFlush(part).addListener(written -> {
                if (!keepAlive || !written.isSuccess()) {
                    caller.close();
                }
            });
            finish();
        } else {
            caller.writeAndFlush(part);
            if (caller.channel().isWritable()) {
                from.read();
            }
        }
    }

    /** To a caller that knows no chunks the end of the connection is the end of the answer. */
    private void frame(HttpResponse head) {
        if (oldCaller && HttpUtil.isTransferEncodingChunked(head)) {
            head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
        } else if (!oldCaller
                && !HttpUtil.isContentLengthSet(head)
                && !HttpUtil.isTransferEncodingChunked(head)
                && head.status().code() != 204
                && head.status().code() != 304) {
            HttpUtil.setTransferEncodingChunked(head, true);
        }
        if (!keepAlive) {
            head.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
    }

    void callerWritable() {
        Channel from = function;
        if (caller.channel().isWritable() && from != null && !answered) {
            from.read();
        }
    }

    private void finish() {
        Channel used = function;
        if (!answered || used == null) {
            return;
        }
        used.pipeline().remove(this);
        function = null;
        if (sent && reusable) {
            functions.release(used);
        } else {
            used.close();
        }
        over.run();
        if (keepAlive) {
            ask.run();
        }
    }

    /** The caller is gone: so is the reason to go on. */
    void abandoned() {
        Channel used = function;
        if (used != null) {
            used.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        if (answering) {
            // Without the last part every client of HTTP knows that the answer is not whole.
            caller.close();
        } else {
            refuse(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        from.close();
    }

    private void refuse(boolean notUp) {
        function = null;
        over.run();
        answers.functionGone(notUp);
        ask.run();
    }
}
