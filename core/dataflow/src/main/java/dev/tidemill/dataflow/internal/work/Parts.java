package dev.tidemill.dataflow.internal.work;

import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.ObjectInfo;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The parts that exist, by id: found by one listing at the start of a slice, and added to as they are written. */
public final class Parts {

    private static final String FOLDER = "parts/";
    private static final int ID = 64;

    private final Map<String, Found> byId = new ConcurrentHashMap<>();

    /** Where a part lies, relative to the ledger, and how large it is. */
    public record Found(String name, long size) {}

    /** The name of a part that is written for a plan; unique for ever, since the nonce is. */
    public static String name(String id, String nonce) {
        return FOLDER + id + "." + nonce;
    }

    /**
     * Lists what is there.
     *
     * @param condemned names that count as absent, because a sweep may delete them at any time
     */
    public static Parts list(StateFolder folder, Set<String> condemned) {
        Parts parts = new Parts();
        for (ObjectInfo info : folder.list(FOLDER)) {
            String name = info.key();
            if (name.length() > FOLDER.length() + ID && !condemned.contains(name)) {
                parts.byId.putIfAbsent(
                        name.substring(FOLDER.length(), FOLDER.length() + ID), new Found(name, info.size()));
            }
        }
        return parts;
    }

    public @Nullable Found get(String id) {
        return byId.get(id);
    }

    public void put(String id, String name, long size) {
        byId.put(id, new Found(name, size));
    }
}
