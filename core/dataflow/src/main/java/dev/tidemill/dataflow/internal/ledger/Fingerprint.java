package dev.tidemill.dataflow.internal.ledger;

import org.jspecify.annotations.Nullable;

/**
 * What would be computed, as hashes of canonical JSON.
 *
 * @param map of the function that gets the shards, and of everything that it is given besides
 * @param combine of what combines, null where nothing is combined
 * @param context of everything but the functions themselves
 */
public record Fingerprint(String map, @Nullable String combine, String context) {}
