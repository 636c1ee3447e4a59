package dev.tidemill.functions.model.tensor;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Tensors in memory that is used again once they are closed: whoever reads them later reads another request's. Where they are never
 * closed the memory is the garbage collector's.
 */
public final class Lease extends AbstractList<Tensor> implements RandomAccess, AutoCloseable {

    private static final Runnable NOTHING = () -> {};

    private final List<Tensor> tensors;
    private final AtomicReference<Runnable> release;

    /** @param release once, when they are closed */
    public Lease(List<Tensor> tensors, Runnable release) {
        this.tensors = tensors;
        this.release = new AtomicReference<>(release);
    }

    /** Tensors in memory of their own. */
    public static Lease of(List<Tensor> tensors) {
        return new Lease(tensors, NOTHING);
    }

    /** Makes parts of these tensors out of them; their memory is used again when the last part is closed. */
    public List<Lease> into(List<List<Tensor>> parts) {
        Runnable whole = release.getAndSet(NOTHING);
        if (whole == NOTHING) {
            return parts.stream().map(Lease::of).toList();
        }
        AtomicInteger open = new AtomicInteger(parts.size());
        Runnable last = () -> {
            if (open.decrementAndGet() == 0) {
                whole.run();
            }
        };
        return parts.stream().map(part -> new Lease(part, last)).toList();
    }

    @Override
    public Tensor get(int index) {
        return tensors.get(index);
    }

    @Override
    public int size() {
        return tensors.size();
    }

    @Override
    public void close() {
        release.getAndSet(NOTHING).run();
    }
}
