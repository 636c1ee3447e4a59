package dev.tidemill.operator.store;

import dev.tidemill.store.Credentials;
import java.time.Instant;

/**
 * What a store can do beside S3: above all, make credentials that open some prefixes and no more. One implementation for each
 * dialect that can; every method throws {@link AdminException} when the store refused or did not answer.
 */
interface StoreAdmin {

    /** When the store's youngest server was started; what was measured before may no longer hold. */
    Instant startedAt();

    /**
     * New credentials under that policy. What had this access key before is gone.
     *
     * @param accessKey at most 20 characters
     * @param purpose for whoever lists the store's accounts
     */
    Credentials mint(String accessKey, String policy, String purpose, Instant expires);

    /** Replaces the policy of credentials that were minted before; they keep their keys. False when they are gone. */
    boolean restrict(String accessKey, String policy);

    /** Ends credentials; those that are gone already are no error. */
    void revoke(String accessKey);

    /** The store's admin API said no, or nothing. */
    final class AdminException extends RuntimeException {

        private final boolean passing;

        /** @param passing whether nobody has to do anything: it did not answer, or is not ready to */
        AdminException(String message, boolean passing) {
            super(message);
            this.passing = passing;
        }

        boolean passing() {
            return passing;
        }
    }
}
