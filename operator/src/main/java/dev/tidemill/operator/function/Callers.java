package dev.tidemill.operator.function;

import java.util.List;

/**
 * Some that may call a function, as its gate is told.
 *
 * @param audience what their tokens must be for
 * @param subjects whose tokens they must be
 */
public record Callers(String audience, List<String> subjects) {

    /** The ServiceAccount of a namespace's materializers. */
    public static final String DATA_PATH = "tidemill-dataflow";

    /** What a materializer's token is for: all functions of its namespace. */
    public static String dataPathAudience(String namespace) {
        return "tidemill.dev/" + namespace;
    }

    static String subject(String namespace, String serviceAccount) {
        return "system:serviceaccount:" + namespace + ":" + serviceAccount;
    }
}
