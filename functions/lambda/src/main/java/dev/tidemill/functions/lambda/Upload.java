package dev.tidemill.functions.lambda;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.util.function.BiConsumer;

/** What becomes of the body of a request while it arrives. */
interface Upload {

    void add(ByteBuf bytes);

    void end(HttpHeaders trailers);

    /** The connection ended before the body did. */
    void abort();

    /**
     * A body.
     *
     * @param size of all that came, also of what was not kept
     */
    record Body(byte[] bytes, long size) {
        boolean whole() {
            return bytes.length == size;
        }
    }

    /** Kept until it is whole; of one that is too large the rest is read and dropped, so that the sender can read the refusal. */
    final class Collected implements Upload {
        private final int limit;
        private final BiConsumer<Body, HttpHeaders> end;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream(0);
        private long size;

        Collected(int limit, BiConsumer<Body, HttpHeaders> end) {
            this.limit = limit;
            this.end = end;
        }

        @Override
        public void add(ByteBuf bytes) {
            int n = bytes.readableBytes();
            size += n;
            if (size <= limit) {
                byte[] piece = new byte[n];
                bytes.readBytes(piece);
                kept.writeBytes(piece);
            } else {
                kept.reset();
            }
        }

        @Override
        public void end(HttpHeaders trailers) {
            end.accept(new Body(kept.toByteArray(), size), trailers);
        }

        @Override
        public void abort() {
            // Nobody is left to answer; what the request was about is settled by the process's end or by the clock.
        }
    }

    /** Passed on as it comes. */
    final class PassedOn implements Upload {
        private final Call.Stream to;
        private final Runnable end;

        PassedOn(Call.Stream to, Runnable end) {
            this.to = to;
            this.end = end;
        }

        @Override
        public void add(ByteBuf bytes) {
            if (bytes.isReadable()) {
                to.write(bytes.retain());
            }
        }

        @Override
        public void end(HttpHeaders trailers) {
            if (trailers.contains(RuntimeApi.ERROR_TYPE)) {
                to.abort(StreamError.of(trailers));
            } else {
                to.end();
            }
            end.run();
        }

        @Override
        public void abort() {
            to.abort(Outcome.Failed.of(
                    Outcome.Kind.CRASHED,
                    "Runtime.TruncatedResponse",
                    "the runtime ended in the middle of its answer"));
        }
    }
}
