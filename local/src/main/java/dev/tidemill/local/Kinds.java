package dev.tidemill.local;

import java.util.Locale;

/** Kinds as people type them: singular, plural and short. */
final class Kinds {

    private Kinds() {}

    /**
     * The name in {@code kind/NAME}.
     *
     * @throws UsageException if it is not of that form or of another kind
     */
    static String name(String kind, String reference) {
        String[] parts = reference.split("/", -1);
        if (parts.length != 2 || parts[1].isEmpty() || !of(parts[0]).equals(kind)) {
            throw new UsageException("this takes %s/NAME, not %s".formatted(kind, reference));
        }
        return parts[1];
    }

    /** @throws UsageException for a kind that there is not */
    static String of(String typed) {
        return switch (typed.toLowerCase(Locale.ROOT)) {
            case "dataset", "datasets", "dset" -> "dataset";
            case "function", "functions", "fn" -> "function";
            case "model", "models", "mdl" -> "model";
            case "objectstore", "objectstores", "store" -> "objectstore";
            default ->
                throw new UsageException(
                        "there is no kind \"" + typed + "\"; there are datasets, functions, models and objectstores");
        };
    }
}
