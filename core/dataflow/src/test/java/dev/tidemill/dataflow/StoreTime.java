package dev.tidemill.dataflow;

import dev.tidemill.store.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** The clock of a store in memory: whoever would wait moves it on instead. */
record StoreTime(MemoryStore store) implements Time {

    @Override
    public Instant now() {
        return store.now();
    }

    @Override
    public <T> @Nullable T await(BlockingQueue<T> queue, Instant until) {
        T next = queue.poll();
        if (next == null
                && until.isAfter(store.now())
                && until.isBefore(store.now().plus(Duration.ofDays(365)))) {
            store.advance(Duration.between(store.now(), until));
        }
        return next;
    }
}
