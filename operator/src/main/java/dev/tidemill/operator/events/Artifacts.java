package dev.tidemill.operator.events;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Hands on that the object which a Model is loaded from may be another one now. */
public final class Artifacts {

    private final List<Consumer<Declarations.Resource>> listeners = new CopyOnWriteArrayList<>();

    /** Calls back with each such Model. */
    public void onReplaced(Consumer<Declarations.Resource> listener) {
        listeners.add(listener);
    }

    void replaced(Declarations.Resource model) {
        listeners.forEach(listener -> listener.accept(model));
    }
}
