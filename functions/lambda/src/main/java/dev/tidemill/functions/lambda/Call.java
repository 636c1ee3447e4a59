package dev.tidemill.functions.lambda;

import io.netty.buffer.ByteBuf;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One event on its way to a handler, and the way back. Confined to the event loop. */
final class Call {

    /**
     * What the handler's context shows.
     *
     * @param trace in the form of X-Ray's header
     * @param client JSON, as mobile SDKs send it
     * @param cognito JSON
     */
    record Context(
            @Nullable String trace,
            @Nullable String client,
            @Nullable String cognito) {}

    /** Where the answer goes. */
    interface Answer {
        void complete(Outcome outcome);

        /** Takes an answer bit by bit, or null where only a whole one is of use. */
        default @Nullable Stream stream(String contentType) {
            return null;
        }
    }

    /** An answer that arrives bit by bit. */
    interface Stream {
        /** Takes the bytes over. */
        void write(ByteBuf bytes);

        void end();

        /** The answer will never be whole, and the caller must see that it is not. */
        void abort(Outcome.Failed why);
    }

    private final UUID id;
    private final byte[] payload;
    private final Context context;
    private final Answer answer;
    private boolean settled;

    Call(UUID id, byte[] payload, Context context, Answer answer) {
        this.id = id;
        this.payload = payload;
        this.context = context;
        this.answer = answer;
    }

    UUID id() {
        return id;
    }

    byte[] payload() {
        return payload;
    }

    Context context() {
        return context;
    }

    boolean isSettled() {
        return settled;
    }

    /** The first outcome counts: what a handler answers after its time is over reaches nobody. */
    void complete(Outcome outcome) {
        if (!settled) {
            settled = true;
            answer.complete(outcome);
        }
    }

    /** Settles the call by an answer that is still to come, where the caller can take one. */
    @Nullable
    Stream stream(String contentType) {
        Stream stream = settled ? null : answer.stream(contentType);
        settled |= stream != null;
        return stream;
    }
}
