package dev.tidemill.profile.internal.parquet;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** A column of numbers, cut into slices that are read by others; while a page is cut, the next one is read and unpacked. Used by one thread. */
final class NumberColumn implements AutoCloseable {

    private final NumberPages pages;
    private @Nullable FutureTask<@Nullable NumberPage> ahead;
    private @Nullable NumberCursor cursor;

    NumberColumn(NumberPages pages) {
        this.pages = pages;
    }

    /** Begins to read the next page, if that is not begun yet. */
    FutureTask<@Nullable NumberPage> readAhead() {
        FutureTask<@Nullable NumberPage> known = ahead;
        if (known == null) {
            known = new FutureTask<>(pages::next);
            ahead = known;
            Thread.ofVirtual().name("page").start(known);
        }
        return known;
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
        NumberPage page;
        try {
            page = readAhead().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a page is read");
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case SourceFile.SourceFailure failure -> failure.source();
                case IOException failure -> failure;
                case null, default -> new IOException(e.getCause());
            };
        }
        ahead = null;
        if (page == null) {
            throw new IllegalStateException("more rows are asked for than there are");
        }
        readAhead();
        return page;
    }

    @Override
    public void close() {
        FutureTask<@Nullable NumberPage> reading = ahead;
        if (reading != null) {
            reading.cancel(true);
        }
    }
}
