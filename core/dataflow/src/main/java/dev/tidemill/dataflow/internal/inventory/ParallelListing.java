package dev.tidemill.dataflow.internal.inventory;

import dev.tidemill.store.ObjectInfo;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Lists several neighbouring ranges at once and hands out their pages in order. A flat prefix has no folders to split by; the key
 * ranges of the last manifest split it just as well. Memory stays bounded: a range that has run ahead waits when its queue is full.
 */
final class ParallelListing implements Pages {

    private static final int AT_ONCE = 8;
    private static final int PAGES_AHEAD = 8;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Iterator<RangeListing> waiting;
    private final Deque<BlockingQueue<Piece>> running = new ArrayDeque<>();

    ParallelListing(List<RangeListing> ranges) {
        waiting = ranges.iterator();
        while (running.size() < AT_ONCE && waiting.hasNext()) {
            start(waiting.next());
        }
    }

    /** What a range's thread hands over. */
    private sealed interface Piece {
        record Listed(List<ObjectInfo> page) implements Piece {}

        record End() implements Piece {}

        record Failed(RuntimeException cause) implements Piece {}
    }

    @Override
    public @Nullable List<ObjectInfo> next() {
        try {
            while (!running.isEmpty()) {
                switch (running.element().take()) {
                    case Piece.Listed(List<ObjectInfo> page) -> {
                        return page;
                    }
                    case Piece.Failed(RuntimeException cause) -> throw cause;
                    case Piece.End() -> {
                        running.remove();
                        if (waiting.hasNext()) {
                            start(waiting.next());
                        }
                    }
                }
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while listing", e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private void start(RangeListing range) {
        BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>(PAGES_AHEAD);
        running.add(pieces);
        threads.execute(() -> {
            try {
                try {
                    for (List<ObjectInfo> page = range.next(); page != null; page = range.next()) {
                        pieces.put(new Piece.Listed(page));
                    }
                    pieces.put(new Piece.End());
                } catch (RuntimeException e) {
                    pieces.put(new Piece.Failed(e));
                }
            } catch (InterruptedException e) {
                // The inventory was given up; nobody waits for this range any more.
                Thread.currentThread().interrupt();
            }
        });
    }
}
