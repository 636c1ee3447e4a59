package dev.tidemill.operator.store;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.store.StoreException;
import dev.tidemill.store.StoreProbe;

/** What looking at a store came to. */
sealed interface StoreFinding {

    String CREATE = "ConditionalCreate";
    String REPLACE = "ConditionalReplace";
    String NOTIFICATIONS = "Notifications";
    String SCOPED = "ScopedCredentials";
    String REACHABLE = "Reachable";

    /** It could not be measured; of its abilities nothing follows. */
    record Unusable(String reason, String message) implements StoreFinding {

        static Unusable because(StoreException e, String store) {
            var message = String.valueOf(e.getMessage());
            return switch (e) {
                case StoreException.AccessDenied _ ->
                    new Unusable("CredentialsRefused", message + "; mend the Secret that spec.credentialsSecret names");
                case StoreException.Unavailable _ ->
                    new Unusable("Unreachable", message + "; it is tried again on its own");
                case StoreException.NoSuchBucket _ ->
                    new Unusable("NoStateBucket", message + "; let its credentials create buckets, or create it");
                case StoreException.NoSuchKey _, StoreException.PreconditionFailed _, StoreException.Refused _ ->
                    new Unusable("Refused", message + "; see spec.endpoint, region and pathStyle of " + store);
            };
        }
    }

    /**
     * It answered, and this is what it does.
     *
     * @param scoped whether it mints credentials for one prefix
     */
    record Measured(StoreProbe.Result probe, Verdict scoped) implements StoreFinding {}
}
