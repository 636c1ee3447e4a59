package dev.tidemill.store;

import org.jspecify.annotations.Nullable;

/** A store said no, or said nothing. The subtype decides whether to try again; the message names object, store and remedy. */
public abstract sealed class StoreException extends RuntimeException {

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The key, or a version of it, is not there. */
    public static final class NoSuchKey extends StoreException {
        public NoSuchKey(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    public static final class NoSuchBucket extends StoreException {
        public NoSuchBucket(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** 401 or 403: wrong credentials, or a prefix that they do not open. */
    public static final class AccessDenied extends StoreException {
        public AccessDenied(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** 412 or 409: another writer was faster, or the object is no longer the one that was asked for. */
    public static final class PreconditionFailed extends StoreException {
        public PreconditionFailed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * No answer, or 429 or 5xx, after the client's own retries. Of a write it is then <em>not known</em> whether it took effect.
     */
    public static final class Unavailable extends StoreException {
        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Anything else; trying again will not help. */
    public static final class Refused extends StoreException {
        public Refused(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
