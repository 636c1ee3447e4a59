package dev.tidemill.profile.internal;

import java.io.IOException;
import java.io.InterruptedIOException;

/**
 * Shares chunks between threads so that each gets every n-th: which records a thread sees does not depend on how fast it is, and
 * the sketches of two runs are the same.
 */
public final class Turns {
    private final ChunkSource chunks;
    private final int threads;
    private int turn;
    private boolean stopped;

    public Turns(ChunkSource chunks, int threads) {
        this.chunks = chunks;
        this.threads = threads;
    }

    /** The chunks of one thread; closing it before its end stops the others at their next one. */
    public ChunkSource of(int thread) {
        return new ChunkSource() {
            @Override
            public boolean next(Chunk chunk) throws IOException {
                return take(thread, chunk);
            }

            @Override
            public void close() {
                stop();
            }
        };
    }

    private synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    private synchronized boolean take(int thread, Chunk chunk) throws IOException {
        while (turn != thread && !stopped) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for records");
            }
        }
        if (stopped || !chunks.next(chunk)) {
            stop();
            return false;
        }
        turn = (turn + 1) % threads;
        notifyAll();
        return true;
    }
}
