package dev.tidemill.functions.model.protocol;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.io.Serial;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls as gRPC has them on the wire (HTTP/2 with prior knowledge, length-prefixed messages, the status in the trailers), with no part of gRPC's own implementation between.
 */
final class GrpcCalls implements AutoCloseable {

    private static final int PREFIX = 5;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client;
    private final String authority;

    GrpcCalls(URI server) {
        this(server, server.getAuthority());
    }

    /** @param authority by which a gateway at that address knows the server */
    GrpcCalls(URI server, String authority) {
        this.authority = authority;
        client = vertx.createHttpClient(new HttpClientOptions()
                .setDefaultHost(server.getHost())
                .setDefaultPort(server.getPort())
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    }

    /** A call that ended with another status than OK. */
    static final class Refused extends Exception {
        @Serial
        private static final long serialVersionUID = 1;

        private final int status;

        Refused(int status, @Nullable String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    record Answer(HttpClientResponse head, Buffer body) {
        int status() {
            return Integer.parseInt(Objects.requireNonNull(trailer("grpc-status"), "no grpc-status"));
        }

        byte[] message() {
            return body.getBytes(PREFIX, body.length());
        }

        @Nullable
        String trailer(String name) {
            String said = head.trailers().get(name);
            // Where there is no message, the one head frame is the trailers.
            return said == null ? head.getHeader(name) : said;
        }
    }

    <T extends Message> T call(String method, Message request, Parser<T> reply) throws Exception {
        Answer answer = call("inference.GRPCInferenceService/" + method, Map.of(), framed(0, request.toByteArray()));
        int status = answer.status();
        if (status != 0) {
            throw new Refused(status, answer.trailer("grpc-message"));
        }
        return reply.parseFrom(answer.message());
    }

    /** A message behind its prefix. */
    static Buffer framed(int compressed, byte[] message) {
        return Buffer.buffer(PREFIX + message.length)
                .appendByte((byte) compressed)
                .appendInt(message.length)
                .appendBytes(message);
    }

    /** Sends any bytes, whatever comes of it. */
    Answer call(String path, Map<String, String> headers, Buffer body) throws Exception {
        return await(later(path, headers, body));
    }

    CompletableFuture<Answer> later(String path, Map<String, String> headers, Buffer body) {
        return client.request(HttpMethod.POST, "/" + path)
                // On the call's own thread from here on: who asks for the body after it has come waits for good.
                .compose(call -> {
                    headers.forEach(call::putHeader);
                    call.authority(HostAndPort.parseAuthority(authority, -1));
                    return call.putHeader("content-type", "application/grpc")
                            .putHeader("te", "trailers")
                            .send(body)
                            .compose(head -> head.body().map(given -> new Answer(head, given)));
                })
                .toCompletionStage()
                .toCompletableFuture();
    }

    /** A call whose answers come one by one, until it is closed. */
    record Stream(HttpClientRequest call, BlockingQueue<Buffer> answers) implements AutoCloseable {

        byte[] next() throws InterruptedException {
            Buffer answer = Objects.requireNonNull(answers.poll(60, TimeUnit.SECONDS), "no answer in a minute");
            return answer.getBytes(PREFIX, answer.length());
        }

        void send(byte[] message) {
            call.write(framed(0, message));
        }

        /** Takes it back. */
        @Override
        public void close() {
            call.reset(8);
        }
    }

    /** Begins a call with one message, and leaves open whether there are more. */
    Stream open(String path, byte[] message) throws Exception {
        BlockingQueue<Buffer> answers = new LinkedBlockingQueue<>();
        return await(client.request(HttpMethod.POST, "/" + path)
                .map(call -> {
                    call.setChunked(true)
                            .putHeader("content-type", "application/grpc")
                            .putHeader("te", "trailers");
                    call.response().onSuccess(head -> head.handler(frames(answers)));
                    Stream stream = new Stream(call, answers);
                    stream.send(message);
                    return stream;
                })
                .toCompletionStage()
                .toCompletableFuture());
    }

    /** Parts what comes into messages. */
    private static Handler<Buffer> frames(Queue<Buffer> answers) {
        Buffer[] rest = {Buffer.buffer()};
        return piece -> {
            Buffer all = rest[0].appendBuffer(piece);
            int at = 0;
            while (all.length() - at >= PREFIX && all.length() - at >= PREFIX + all.getInt(at + 1)) {
                int next = at + PREFIX + all.getInt(at + 1);
                answers.add(all.getBuffer(at, next));
                at = next;
            }
            rest[0] = all.getBuffer(at, all.length());
        };
    }

    private static <T> T await(java.util.concurrent.Future<T> call) throws Exception {
        try {
            return call.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
