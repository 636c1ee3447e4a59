package dev.tidemill.functions.lambda;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** Answers on a connection, each written in one piece: in two, a client's delayed acknowledgement costs 40 ms. */
final class Responses {

    static final String JSON = "application/json";

    private Responses() {}

    static FullHttpResponse of(HttpResponseStatus status, String contentType, byte[] body) {
        return of(status, contentType, Unpooled.wrappedBuffer(body));
    }

    private static FullHttpResponse of(HttpResponseStatus status, String contentType, ByteBuf body) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        return response;
    }

    static FullHttpResponse json(HttpResponseStatus status, String body) {
        return of(status, JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    static void send(ChannelHandlerContext to, FullHttpResponse response, boolean keepAlive) {
        int length = response.content().readableBytes();
        if (response.status().code() != 204) {
            response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, length);
        }
        if (keepAlive) {
            to.writeAndFlush(response);
        } else {
            response.headers().set(HttpHeaderNames.CONNECTION, "close");
            to.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
