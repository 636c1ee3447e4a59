package dev.tidemill.dataflow;

import java.util.Arrays;
import java.util.Optional;

/**
 * Tidemill's own functions that work on shards. The version of each is raised by hand whenever it answers the same input
 * differently: it stands in for the image digest, so that an upgrade computes again what has changed and nothing else.
 */
public enum Builtin {
    PROFILE("profile", 1),
    GENERATE("generate", 1),
    TRAIN("train", 2),
    TRAIN_NETWORK("train_network", 1),
    MEAN("mean", 1),
    ADD_ONE("add_one", 1);

    private final String key;
    private final int version;

    Builtin(String key, int version) {
        this.key = key;
        this.version = version;
    }

    /** What {@code Function.spec.builtin} calls it, and the path at which it answers, behind a slash. */
    public String key() {
        return key;
    }

    /** For {@link FunctionTarget#version}. */
    public String version() {
        return "builtin:" + key + ":" + version;
    }

    public static Optional<Builtin> of(String key) {
        return Arrays.stream(values())
                .filter(builtin -> builtin.key.equals(key))
                .findFirst();
    }
}
