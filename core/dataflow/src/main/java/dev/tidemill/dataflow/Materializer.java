package dev.tidemill.dataflow;

import dev.tidemill.store.ObjectClient;

/**
 * Turns a change of objects into a committed revision, one slice at a time: inventory, shards, dispatch, combine, commit. All
 * state is in the bucket, so that any slice may be the last and any process may take the next one.
 */
public final class Materializer {

    private final ObjectClient store;
    private final FunctionClient functions;

    public Materializer(ObjectClient store, FunctionClient functions) {
        this.store = store;
        this.functions = functions;
    }

    /**
     * Works for one slice. What the store, the input or a function did wrong is in the reply.
     *
     * @throws InterruptedException when the thread was interrupted; nothing is lost, the next slice goes on
     */
    public SliceReply run(SliceRequest request) throws InterruptedException {
        throw new UnsupportedOperationException(request.dataset() + " with " + store + " and " + functions);
    }
}
