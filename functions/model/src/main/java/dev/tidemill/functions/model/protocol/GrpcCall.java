package dev.tidemill.functions.model.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.tidemill.functions.model.protocol.Refusal.Kind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A call as gRPC has it on HTTP/2 (its PROTOCOL-HTTP2.md): one message each way, or several, each behind a byte that says whether it is
 * compressed and four of its length; the status in the trailers. Our own, since {@code vertx-grpc} unpacks a message to whatever size
 * it has, and says nothing to a client whose message it cannot read.
 */
final class GrpcCall {

    private static final int PREFIX = 5;
    /** Bytes of one of several messages: these ask for no more than a name. */
    private static final long MOST_EACH = 1 << 16;

    private static final Pattern TIMEOUT = Pattern.compile("(\\d{1,8})([HMSmun])");
    /** What {@link Kind#BUSY} asks for, by both ways of saying it. */
    private static final long RETRY_SECONDS = 1;

    private final RoutingContext route;
    private final Intake intake;
    private final Intake.Held held;
    private final Context context = Objects.requireNonNull(Vertx.currentContext());
    private boolean over;
    private int status = 200;
    /** Of the last answer. */
    private Future<Void> written = Future.succeededFuture();

    GrpcCall(RoutingContext route, Intake intake) {
        this.route = route;
        this.intake = intake;
        this.held = intake.held();
    }

    /** Whether it speaks gRPC at all. */
    static boolean is(HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        return type != null
                && type.startsWith("application/grpc")
                && (type.length() == 16 || type.charAt(16) == ';' || type.startsWith("+proto", 16));
    }

    /** @param answered what it would have been answered with over REST; not called where the client has gone before */
    void whenOver(IntConsumer answered) {
        route.addEndHandler(_ -> {
            if (route.response().ended()) {
                answered.accept(status);
            }
        });
    }

    Context context() {
        return context;
    }

    Intake.Held held() {
        return held;
    }

    /** Waits for the one message, as long as the client does. */
    void receive(Consumer<byte[]> message) {
        try {
            deadline();
            intake.receive(
                    route,
                    PREFIX,
                    body -> {
                        try {
                            message.accept(message(body));
                        } catch (RuntimeException e) {
                            refuse(e);
                        }
                    },
                    this::refuse,
                    held);
        } catch (RuntimeException e) {
            refuse(e);
        }
    }

    /** Each message as it comes; the call ends when there are no more. */
    void receiveEach(Consumer<byte[]> message) {
        HttpServerRequest request = route.request();
        Buffer[] rest = {Buffer.buffer()};
        try {
            deadline();
        } catch (RuntimeException e) {
            refuse(e);
        }
        request.handler(piece -> {
            try {
                rest[0] = rest(rest[0].appendBuffer(piece), message);
            } catch (RuntimeException e) {
                rest[0] = Buffer.buffer();
                refuse(e);
            }
            if (!over && route.response().writeQueueFull()) {
                request.pause();
                route.response().drainHandler(_ -> request.resume());
            }
        });
        request.exceptionHandler(_ -> over = true);
        request.endHandler(_ -> end());
    }

    /** Hands on what is whole. */
    private Buffer rest(Buffer bytes, Consumer<byte[]> message) {
        int at = 0;
        while (!over && bytes.length() - at >= PREFIX) {
            long length = bytes.getUnsignedInt(at + 1);
            if (length > MOST_EACH) {
                throw new Refusal(
                        Kind.TOO_LARGE,
                        "a message of this method has at most %d bytes, and this one %d".formatted(MOST_EACH, length));
            }
            int next = at + PREFIX + (int) length;
            if (next > bytes.length()) {
                break;
            }
            message.accept(message(bytes.getBytes(at, next)));
            at = next;
        }
        return over ? Buffer.buffer() : bytes.getBuffer(at, bytes.length());
    }

    /** Now, and every second until the call is over. */
    void often(Runnable work) {
        work.run();
        long timer = context.owner().setPeriodic(1_000, _ -> work.run());
        route.addEndHandler(_ -> context.owner().cancelTimer(timer));
    }

    private void deadline() {
        String timeout = route.request().getHeader("grpc-timeout");
        if (timeout == null) {
            return;
        }
        Matcher said = TIMEOUT.matcher(timeout);
        if (!said.matches()) {
            throw new Refusal(Kind.INVALID, "grpc-timeout is \"%s\" and no time".formatted(timeout));
        }
        TimeUnit unit = switch (said.group(2)) {
            case "H" -> TimeUnit.HOURS;
            case "M" -> TimeUnit.MINUTES;
            case "S" -> TimeUnit.SECONDS;
            case "m" -> TimeUnit.MILLISECONDS;
            case "u" -> TimeUnit.MICROSECONDS;
            default -> TimeUnit.NANOSECONDS;
        };
        long millis = Math.max(1, unit.toMillis(Long.parseLong(said.group(1))));
        Vertx vertx = context.owner();
        long timer = vertx.setTimer(millis, _ -> {
            refuse(new Refusal(Kind.TOO_LATE, "not answered within the client's %d ms".formatted(millis)));
            held.over();
        });
        route.addEndHandler(_ -> vertx.cancelTimer(timer));
    }

    private byte[] message(byte[] body) {
        ByteBuffer framed = ByteBuffer.wrap(body);
        if (body.length < PREFIX) {
            throw new Refusal(Kind.INVALID, "the call has no message");
        }
        boolean packed = framed.get() != 0;
        long length = framed.getInt() & 0xFFFF_FFFFL;
        if (length != framed.remaining()) {
            throw new Refusal(
                    Kind.INVALID,
                    "the message says that it has %d bytes, and %d follow: a unary call has one message"
                            .formatted(length, framed.remaining()));
        }
        byte[] message = new byte[framed.remaining()];
        framed.get(message);
        return packed ? unpacked(message) : message;
    }

    private byte[] unpacked(byte[] message) {
        String encoding = route.request().getHeader("grpc-encoding");
        if (!"gzip".equals(encoding)) {
            throw new Refusal(
                    Kind.NO_SUCH_ENCODING,
                    "the message is compressed by \"%s\": send it as it is, or by gzip".formatted(encoding));
        }
        return intake.unpacked(message, encoding, held);
    }

    /** The one answer, and the end. */
    void answer(Message message) {
        send(message);
        end();
    }

    /** One of several answers. */
    void send(Message message) {
        if (!over && !route.response().closed()) {
            written = head().write(framed(message));
        }
    }

    private void end() {
        if (ends()) {
            head().putTrailer("grpc-status", "0");
            finish();
        }
    }

    /**
     * Sends the trailers when nothing waits before them, and not while frames are being read. Of trailers that wait, Netty tells by an
     * exception on the whole connection when the client takes the call back, and Vert.x closes it, with the calls of all others.
     */
    private void finish() {
        HttpServerResponse response = route.response();
        written.onSuccess(_ -> context.runOnContext(_ -> {
            if (!response.closed()) {
                response.end();
            }
        }));
    }

    private static Buffer framed(Message message) {
        byte[] framed = new byte[PREFIX + message.getSerializedSize()];
        ByteBuffer into = ByteBuffer.wrap(framed).put((byte) 0).putInt(framed.length - PREFIX);
        into.put(message.toByteArray());
        return Buffer.buffer(framed);
    }

    void refuse(Throwable failure) {
        if (!ends()) {
            return;
        }
        Refusal refusal = Refusal.of(failure);
        status = refusal.kind().http;
        String words = String.valueOf(refusal.getMessage());
        int code = refusal.kind().grpc;
        HttpServerResponse response = head();
        // Trailers of their own, though there is no answer before them: Go's proxies, Knative's among them, end a lone
        // head by an empty frame of data now and then, and gRPC's own clients take that for a broken stream.
        response.putTrailer("grpc-status", Integer.toString(code)).putTrailer("grpc-message", percent(words));
        if (refusal.kind() == Kind.BUSY) {
            Status details = Status.newBuilder()
                    .setCode(code)
                    .setMessage(words)
                    .addDetails(Any.pack(RetryInfo.newBuilder()
                            .setRetryDelay(Duration.newBuilder().setSeconds(RETRY_SECONDS))
                            .build()))
                    .build();
            response.putTrailer("grpc-retry-pushback-ms", Long.toString(1_000 * RETRY_SECONDS))
                    .putTrailer(
                            "grpc-status-details-bin",
                            Base64.getEncoder().withoutPadding().encodeToString(details.toByteArray()));
        }
        finish();
    }

    /** Whether it is for the caller to end the call: once. */
    private boolean ends() {
        boolean before = over;
        over = true;
        HttpServerResponse response = route.response();
        return !before && !response.ended() && !response.closed();
    }

    private HttpServerResponse head() {
        HttpServerResponse response = route.response();
        return response.headWritten()
                ? response
                : response.putHeader("Content-Type", "application/grpc")
                        .putHeader("grpc-accept-encoding", "identity,gzip");
    }

    /** What is no printable ASCII, and the sign itself, by its octets. */
    private static String percent(String words) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : words.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= ' ' && octet <= '~' && octet != '%') {
                encoded.append((char) octet);
            } else {
                encoded.append("%%%02X".formatted(octet & 0xFF));
            }
        }
        return encoded.toString();
    }
}
