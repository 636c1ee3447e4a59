package dev.tidemill.functions.lambda;

import dev.tidemill.functions.lambda.event.ApiGatewayReply;
import dev.tidemill.functions.lambda.event.UnfitEventException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;

/**
 * An answer that reaches the caller while the handler still writes it. Its first part may be a prelude, JSON with status and headers
 * that ends with eight zero bytes (AWS Lambda Developer Guide, "Response streaming", HTTP integration).
 */
final class HttpStream implements Call.Stream {

    private static final String WITH_PRELUDE = "application/vnd.awslambda.http-integration-response";
    private static final byte[] DELIMITER = new byte[8];
    private static final int LONGEST_PRELUDE = 64 << 10;

    private final Caller caller;
    private final String contentType;
    private final ByteBuf prelude = Unpooled.buffer();
    private boolean begun;
    private boolean over;

    HttpStream(Caller caller, String contentType) {
        this.caller = caller;
        this.contentType = contentType;
    }

    @Override
    public void write(ByteBuf bytes) {
        if (over) {
            bytes.release();
        } else if (begun) {
            caller.connection().writeAndFlush(new DefaultHttpContent(bytes));
        } else if (contentType.startsWith(WITH_PRELUDE)) {
            prelude.writeBytes(bytes);
            bytes.release();
            readPrelude();
        } else {
            begin(new ApiGatewayReply(
                    200, java.util.List.of(java.util.Map.entry("content-type", contentType)), new byte[0]));
            caller.connection().writeAndFlush(new DefaultHttpContent(bytes));
        }
    }

    private void readPrelude() {
        int end = io.netty.buffer.ByteBufUtil.indexOf(Unpooled.wrappedBuffer(DELIMITER), prelude);
        if (end < 0) {
            if (prelude.readableBytes() > LONGEST_PRELUDE) {
                abort(Outcome.Failed.of(
                        Outcome.Kind.HANDLER,
                        "Runtime.InvalidPrelude",
                        "the streamed answer has no end of its prelude"));
            }
            return;
        }
        byte[] json = new byte[end];
        prelude.readBytes(json);
        prelude.skipBytes(DELIMITER.length);
        try {
            begin(ApiGatewayReply.prelude(json));
        } catch (UnfitEventException | IllegalArgumentException e) {
            abort(Outcome.Failed.of(Outcome.Kind.HANDLER, "Runtime.InvalidPrelude", String.valueOf(e.getMessage())));
            return;
        }
        if (prelude.isReadable()) {
            caller.connection().writeAndFlush(new DefaultHttpContent(prelude.readBytes(prelude.readableBytes())));
        }
    }

    private void begin(ApiGatewayReply reply) {
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()));
        HttpReplies.copy(reply, head.headers());
        head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        begun = true;
        caller.connection().write(head);
    }

    @Override
    public void end() {
        if (over) {
            return;
        }
        if (!begun) {
            begin(new ApiGatewayReply(
                    200, java.util.List.of(java.util.Map.entry("content-type", contentType)), new byte[0]));
        }
        over = true;
        var written = caller.connection().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        if (!caller.keepAlive()) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Without the last chunk every client of HTTP knows that the answer is not whole. */
    @Override
    public void abort(Outcome.Failed why) {
        if (over) {
            return;
        }
        over = true;
        Log.line("a streamed answer broke off: %s", new String(why.error(), StandardCharsets.UTF_8));
        if (begun) {
            caller.connection().close();
        } else {
            caller.fail(why);
        }
    }
}
