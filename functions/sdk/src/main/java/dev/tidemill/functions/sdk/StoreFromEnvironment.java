package dev.tidemill.functions.sdk;

import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.Stores;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;

/** The store that {@code AWS_ENDPOINT_URL_S3} and its companions name, opened at the first use: not every function needs one. */
class StoreFromEnvironment {

    @Produces
    @ApplicationScoped
    ObjectClient open() {
        return Stores.connect(StoreConfig.fromEnvironment(System.getenv()));
    }

    void close(@Disposes ObjectClient store) {
        store.close();
    }
}
