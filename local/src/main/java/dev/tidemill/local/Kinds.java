package dev.tidemill.local;

import java.util.Locale;

/** Kinds as people type them: singular, plural and short. */
final class Kinds {

    private Kinds() {}

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
