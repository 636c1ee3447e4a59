package dev.tidemill.store;

/** Opens stores. */
public final class Stores {

    private Stores() {}

    /** A client of the S3 store; makes no request yet, so that a wrong endpoint shows at the first one. */
    public static ObjectClient connect(StoreConfig config) {
        return new MinioObjectClient(config);
    }
}
