package dev.tidemill.profile.internal.parquet;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A column of numbers, cut into slices that are read by others; while a page is cut, the next one is read and unpacked, if there is memory
 * for both. Used by one thread.
 */
final class NumberColumn implements AutoCloseable {

    private final NumberPages pages;
    private final boolean readsAhead;
    private @Nullable FutureTask<@Nullable NumberPage> ahead;
    private @Nullable NumberCursor cursor;

    NumberColumn(NumberPages pages, boolean readsAhead) {
        this.pages = pages;
        this.readsAhead = readsAhead;
    }

    /** Begins to read the next page, if it may and that is not begun yet. */
    void readAhead() {
        if (readsAhead && ahead == null) {
            ahead = new FutureTask<>(pages::next);
            Thread.ofVirtual().name("page").start(ahead);
        }
    }

    /** The next rows, which there have to be: a cursor at the first one that knows the pages of all. */
    NumberCursor slice(int rows) throws IOException {
        NumberCursor end = cursor;
        if (end == null || end.left() == 0) {
            NumberPage page = nextPage();
            if (end != null) {
                end.page().follow(page);
            }
            end = new NumberCursor(page);
        }
        NumberCursor start = new NumberCursor(end);
        int rest = rows;
        while (rest > end.left()) {
            rest -= end.left();
            NumberPage page = nextPage();
            end.page().follow(page);
            end = new NumberCursor(page);
        }
        end.skip(rest);
        cursor = end;
        return start;
    }

    private NumberPage nextPage() throws IOException {
        readAhead();
        FutureTask<@Nullable NumberPage> reading = ahead;
        NumberPage page;
        try {
            page = reading == null ? pages.next() : result(reading);
        } catch (SourceFile.SourceFailure e) {
            throw e.source();
        }
        ahead = null;
        if (page == null) {
            throw new IllegalStateException("more rows are asked for than there are");
        }
        readAhead();
        return page;
    }

    private static @Nullable NumberPage result(FutureTask<@Nullable NumberPage> reading) throws IOException {
        try {
            return reading.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a page is read");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }

    @Override
    public void close() {
        FutureTask<@Nullable NumberPage> reading = ahead;
        if (reading != null) {
            reading.cancel(true);
        }
    }
}
