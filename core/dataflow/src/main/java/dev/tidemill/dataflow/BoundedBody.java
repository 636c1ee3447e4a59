package dev.tidemill.dataflow;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** Takes a reply as it streams in, and closes the connection at the first byte over the limit: no function can fill our memory. */
final class BoundedBody implements BodySubscriber<ReplyBody> {

    /** 32 MiB. */
    static final int LIMIT = 32 << 20;

    private final CompletableFuture<ReplyBody> body = new CompletableFuture<>();
    private final List<ByteBuffer> received = new ArrayList<>();
    private final boolean announcedTooLarge;
    private @Nullable Subscription subscription;
    private long size;

    BoundedBody(HttpHeaders headers) {
        announcedTooLarge = headers.firstValueAsLong("content-length").orElse(-1) > LIMIT;
    }

    @Override
    public CompletionStage<ReplyBody> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        this.subscription = subscription;
        if (announcedTooLarge) {
            refuseTheRest(subscription);
        } else {
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            size += buffer.remaining();
        }
        if (size <= LIMIT) {
            received.addAll(buffers);
        } else if (subscription != null && !body.isDone()) {
            refuseTheRest(subscription);
        }
    }

    @Override
    public void onError(Throwable cause) {
        received.clear();
        body.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
        body.complete(new ReplyBody(joined(), true));
    }

    private void refuseTheRest(Subscription subscription) {
        subscription.cancel();
        body.complete(new ReplyBody(joined(), false));
    }

    private byte[] joined() {
        byte[] bytes =
                new byte[received.stream().mapToInt(ByteBuffer::remaining).sum()];
        int at = 0;
        for (ByteBuffer buffer : received) {
            int length = buffer.remaining();
            buffer.get(bytes, at, length);
            at += length;
        }
        received.clear();
        return bytes;
    }
}
