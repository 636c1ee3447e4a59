package dev.tidemill.dataflow;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The permits for one function that the driver lent to one slice. A permit is taken for each request and given back when its
 * reply came, or when the connection of a request that was given up has really ended: until then the function may still be
 * working, and lending its permit again would break the cap.
 */
final class Share {

    private final int size;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private int taken;

    Share(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("A share is one permit or more, not " + size);
        }
        this.size = size;
    }

    int size() {
        return size;
    }

    /** Permits in use, those of abandoned requests included. */
    synchronized int taken() {
        return taken;
    }

    synchronized boolean tryTake() {
        if (taken == size) {
            return false;
        }
        taken++;
        return true;
    }

    void giveBack() {
        synchronized (this) {
            taken--;
        }
        listeners.forEach(Runnable::run);
    }

    /** Tells {@code listener} of each permit that comes back, until the registration is closed. */
    Registration onGiveBack(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Ends what it stands for when closed. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
