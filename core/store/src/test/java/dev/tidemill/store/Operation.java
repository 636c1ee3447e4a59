package dev.tidemill.store;

/**
 * One call of a {@link MemoryObjectClient}.
 *
 * @param number counted from 1 for each client
 * @param key the prefix of a listing, the empty string for a deletion of many
 */
public record Operation(int number, Kind kind, String bucket, String key) {

    public enum Kind {
        LIST,
        HEAD,
        GET,
        PUT,
        DELETE,
        BUCKET;

        public boolean writes() {
            return this == PUT || this == DELETE;
        }
    }
}
