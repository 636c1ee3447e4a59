package dev.tidemill.functions.sdk;

import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import io.quarkus.test.Mock;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;

/** Takes the place of the store that the environment names. */
class StoreInMemory {

    /** What a test has before the container fills in the real one. */
    static final ObjectClient NONE = new MemoryStore().client();

    @Produces
    @Mock
    @ApplicationScoped
    ObjectClient open() {
        return new MemoryStore().client();
    }
}
