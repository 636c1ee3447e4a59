package dev.tidemill.functions.gate;

import dev.tidemill.api.Json;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the gate itself says to a caller: JSON, and never what the caller sent. */
final class Answers {

    private final ChannelHandlerContext caller;
    private final boolean keepAlive;

    Answers(ChannelHandlerContext caller, HttpRequest head) {
        this.caller = caller;
        this.keepAlive = head.decoderResult().isSuccess() && HttpUtil.isKeepAlive(head);
    }

    /** RFC 6750, section 3. */
    void unauthenticated(String error, String why) {
        var response = response(HttpResponseStatus.UNAUTHORIZED, "Unauthenticated", why);
        response.headers()
                .set(
                        HttpHeaderNames.WWW_AUTHENTICATE,
                        error.isEmpty()
                                ? "Bearer realm=\"tidemill\""
                                : "Bearer realm=\"tidemill\", error=\"%s\", error_description=\"%s\""
                                        .formatted(error, why));
        send(response);
    }

    void forbidden(String subject) {
        var response = response(
                HttpResponseStatus.FORBIDDEN,
                "NotAnInvoker",
                subject + " is not among the function's invokers: add it to spec.invokers");
        response.headers()
                .set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"tidemill\", error=\"insufficient_scope\"");
        send(response);
    }

    void noSuchEvent() {
        send(response(
                HttpResponseStatus.SERVICE_UNAVAILABLE,
                "NoSuchEvent",
                "the function declares no such event with a detail, or not yet"));
    }

    /** As a broker takes it: delivered, and nothing comes of it. */
    void notAskedFor() {
        var response = response(HttpResponseStatus.ACCEPTED, "", "");
        response.content().clear();
        response.headers().remove(HttpHeaderNames.CONTENT_TYPE);
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, 0);
        send(response);
    }

    void tooLargeToMatch() {
        send(response(
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "EventTooLarge",
                "the data of events with a detail is looked at up to %d KiB".formatted(Matching.MOST >> 10)));
    }

    void noRoute() {
        send(response(
                HttpResponseStatus.NOT_FOUND,
                "NoRoute",
                "no function of this namespace has a spec.path that leads here"));
    }

    void unavailable(String why) {
        Log.line("a caller could not be told from another: %s", why);
        var response = response(
                HttpResponseStatus.SERVICE_UNAVAILABLE, "KeysUnavailable", "callers cannot be verified at the moment");
        response.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
        send(response);
    }

    void malformed(String why) {
        caller.writeAndFlush(close(response(HttpResponseStatus.BAD_REQUEST, "BadRequest", why)))
                .addListener(ChannelFutureListener.CLOSE);
    }

    /** The function does not answer: nothing of an answer has gone out yet. */
    void functionGone(boolean refused) {
        send(
                refused
                        ? response(
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                "FunctionNotUp",
                                "the function takes no connections")
                        : response(
                                HttpResponseStatus.BAD_GATEWAY,
                                "FunctionGone",
                                "the function ended its connection without an answer"));
    }

    void health(boolean ready) {
        send(
                ready
                        ? response(HttpResponseStatus.OK, "Ready", "")
                        : response(
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                "FunctionNotUp",
                                "the function takes no connections"));
    }

    /** What a browser is to make of an answer for which the function says nothing better: nothing that runs or is framed. */
    static void harden(HttpHeaders headers) {
        setIfAbsent(headers, "X-Content-Type-Options", "nosniff");
        setIfAbsent(
                headers,
                "Content-Security-Policy",
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        setIfAbsent(headers, "X-Frame-Options", "DENY");
        setIfAbsent(headers, "Referrer-Policy", "no-referrer");
        setIfAbsent(headers, "Cross-Origin-Resource-Policy", "same-origin");
    }

    private static void setIfAbsent(HttpHeaders headers, String name, String value) {
        if (!headers.contains(name)) {
            headers.set(name, value);
        }
    }

    private static FullHttpResponse response(HttpResponseStatus status, String reason, String message) {
        Map<String, String> body = new LinkedHashMap<>();
        body.put("reason", reason);
        body.put("message", message);
        var response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(Json.bytes(body)));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        response.headers()
                .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        harden(response.headers());
        return response;
    }

    private void send(FullHttpResponse response) {
        if (keepAlive) {
            caller.writeAndFlush(response);
        } else {
            caller.writeAndFlush(close(response)).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static FullHttpResponse close(FullHttpResponse response) {
        response.headers().set(HttpHeaderNames.CONNECTION, "close");
        return response;
    }
}
