package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.protocol.Refusal.Kind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of requests, read to their end, and the memory that they and what is made of them take: of all that are in flight at once no
 * more than half of the heap. Whoever comes when that is taken is told to come back; without it a few large bodies that come together
 * would end the process.
 */
@Singleton
final class Intake {

    /** What a body grows to at least; most fit in. */
    private static final int LEAST = 1 << 10;

    private final long mostOne;
    private final long mostAll;
    private long taken;

    @Inject
    Intake(@ConfigProperty(name = "tidemill.body.limit", defaultValue = "67108864") long mostOne) {
        this(mostOne, Runtime.getRuntime().maxMemory() / 2);
    }

    /**
     * @param mostOne bytes of one body
     * @param mostAll bytes of memory for all
     */
    Intake(long mostOne, long mostAll) {
        // Beside the body stand what it was while it grew and its tensors.
        this.mostOne = Math.min(mostOne, mostAll / 4);
        this.mostAll = mostAll;
    }

    /** What one request has taken, until its answer has gone or its client has. */
    final class Held {
        private long bytes;
        private boolean over;
        private @Nullable Future<?> reply;

        /** @throws Refusal if there is not so much, now or ever */
        void take(long more) {
            synchronized (Intake.this) {
                if (over) {
                    return;
                }
                if (bytes + more > mostAll) {
                    throw new Refusal(
                            Kind.TOO_LARGE,
                            "the request would take more than the %d bytes of memory that there are for all: send fewer rows at once"
                                    .formatted(mostAll));
                }
                if (taken + more > mostAll) {
                    throw new Refusal(
                            Kind.BUSY, "requests in flight take %d of %d bytes: try again".formatted(taken, mostAll));
                }
                bytes += more;
                taken += more;
            }
        }

        /** What is not waited for any more when the client has gone. */
        void awaits(Future<?> future) {
            boolean gone;
            synchronized (Intake.this) {
                reply = future;
                gone = over;
            }
            if (gone) {
                future.cancel(false);
            }
        }

        /** The answer has gone, or nobody waits for it. */
        void over() {
            Future<?> waits;
            synchronized (Intake.this) {
                over = true;
                taken -= bytes;
                bytes = 0;
                waits = reply;
            }
            if (waits != null) {
                waits.cancel(false);
            }
        }
    }

    /** Bytes that come in pieces. */
    final class Gathered {
        private final Held held;
        private final long most;
        private final long expected;
        private byte[] bytes;
        private int length;

        /** @param expected how many there will be at most, as far as is known */
        Gathered(Held held, long most, long expected) {
            this.held = held;
            this.most = most;
            this.expected = expected;
            this.bytes = new byte[(int) Math.clamp(expected, 0, LEAST)];
        }

        void add(byte[] piece, int count) {
            System.arraycopy(piece, 0, room(count), length, count);
            length += count;
        }

        void add(Buffer piece) {
            piece.getBytes(room(piece.length()), length);
            length += piece.length();
        }

        private byte[] room(int count) {
            long needed = (long) length + count;
            if (needed > most) {
                throw tooLarge();
            }
            held.take(count);
            if (needed > bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * bytes.length, expected)));
            }
            return bytes;
        }

        byte[] whole() {
            return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        }
    }

    /**
     * Reads a request's body, and hands it on in one piece, as it was sent.
     *
     * @param framing bytes of the body that do not count
     * @param refused what is too large, or comes when there is no memory; called once, and {@code whole} is not called then
     * @throws Refusal at once, if the request announces more than it may have
     */
    void receive(RoutingContext context, int framing, Consumer<byte[]> whole, Consumer<Refusal> refused, Held held) {
        HttpServerRequest request = context.request();
        long most = mostOne + framing;
        long announced = length(request, most);
        if (announced > most) {
            throw tooLarge();
        }
        context.addEndHandler(_ -> held.over());
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect")) && request.version() != HttpVersion.HTTP_1_0) {
            request.response().writeContinue();
        }
        Gathered body = new Gathered(held, most, announced);
        boolean[] done = new boolean[1];
        request.handler(piece -> {
            if (!done[0]) {
                try {
                    body.add(piece);
                } catch (Refusal e) {
                    done[0] = true;
                    refused.accept(e);
                }
            }
        });
        request.exceptionHandler(failure -> {
            if (!done[0]) {
                done[0] = true;
                refused.accept(new Refusal(Kind.INVALID, "the body cannot be read: " + failure.getMessage()));
            }
        });
        request.endHandler(_ -> {
            if (!done[0]) {
                done[0] = true;
                whole.accept(body.whole());
            }
        });
    }

    private static long length(HttpServerRequest request, long otherwise) {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? otherwise : Long.parseLong(length);
        } catch (NumberFormatException _) {
            throw new Refusal(Kind.INVALID, "Content-Length is \"%s\" and no number of bytes".formatted(length));
        }
    }

    /** What all have taken. */
    synchronized long taken() {
        return taken;
    }

    Held held() {
        return new Held();
    }

    /**
     * What was packed; by gzip or deflate, and to no more than a body may have.
     *
     * @param encoding as HTTP's header names it, null for none
     * @throws Refusal if it is packed in another way, or not in this one
     */
    byte[] unpacked(byte[] body, @Nullable String encoding, Held held) {
        if (encoding == null || encoding.equalsIgnoreCase("identity")) {
            return body;
        }
        Gathered whole = new Gathered(held, mostOne, mostOne);
        byte[] piece = new byte[1 << 13];
        try (InputStream in = unpacking(new ByteArrayInputStream(body), encoding)) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                whole.add(piece, count);
            }
        } catch (IOException e) {
            throw new Refusal(
                    Kind.INVALID, "what is said to be packed by %s is not: %s".formatted(encoding, e.getMessage()));
        }
        return whole.whole();
    }

    private static InputStream unpacking(InputStream body, String encoding) throws IOException {
        return switch (encoding.toLowerCase(Locale.ROOT)) {
            case "gzip", "x-gzip" -> new GZIPInputStream(body);
            case "deflate" -> new InflaterInputStream(body);
            default ->
                throw new Refusal(
                        Kind.NO_SUCH_ENCODING,
                        "the body is packed by \"%s\": send it as it is, or by gzip or deflate".formatted(encoding));
        };
    }

    private Refusal tooLarge() {
        return new Refusal(
                Kind.TOO_LARGE,
                "a request has at most %d bytes (TIDEMILL_BODY_LIMIT, and an eighth of the heap): send fewer rows at once"
                        .formatted(mostOne));
    }
}
