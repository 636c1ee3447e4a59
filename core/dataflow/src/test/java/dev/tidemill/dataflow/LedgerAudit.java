package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.FailureEntry;
import dev.tidemill.dataflow.internal.ledger.GarbageEntry;
import dev.tidemill.dataflow.internal.ledger.Ledger;
import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.Manifest.StageRecord;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.PartEntry;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.ObjectClient;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Looks at a ledger from outside, after each commit, for what must never be. */
final class LedgerAudit {

    private final ObjectClient store;
    private final StateFolder folder;
    private final Ledger ledger;
    private final Segments segments;
    private final Set<String> everCondemned = new HashSet<>();
    private @Nullable String lastCommit;
    private long lastRevision;
    private int commits;

    LedgerAudit(ObjectClient store, String dataset) {
        this.store = store;
        folder = StateFolder.of(store, "tidemill", "default", dataset);
        ledger = new Ledger(folder);
        segments = new Segments(folder, "", Limits.DEFAULT);
    }

    int commits() {
        return commits;
    }

    @Nullable
    Manifest committed() {
        Ledger.Current current = ledger.current();
        return current == null ? null : ledger.manifest(current.head());
    }

    /** The parts that exist and may be used. */
    Set<String> usableParts() {
        Set<String> condemned = new HashSet<>();
        Manifest manifest = committed();
        if (manifest != null) {
            segments.read(manifest.garbage(), GarbageEntry.CODEC)
                    .forEachRemaining(entry -> condemned.add(entry.name()));
        }
        Set<String> ids = new HashSet<>();
        folder.list("parts/").forEach(info -> {
            if (!condemned.contains(info.key())) {
                ids.add(info.key().substring("parts/".length(), "parts/".length() + 64));
            }
        });
        return ids;
    }

    /** Looks at the current commit, and at whether all that it refers to is there. The manifest if it is a new one. */
    @Nullable
    Manifest check() {
        Ledger.Current current = ledger.current();
        if (current == null) {
            require(lastCommit == null, "current.json is gone");
            return null;
        }
        Manifest manifest = ledger.manifest(current.head());
        boolean isNew = !manifest.commit().equals(lastCommit);
        if (isNew) {
            commits++;
            require(
                    lastCommit == null ? manifest.base() == null : lastCommit.equals(manifest.base()),
                    "commit " + manifest.commit() + " is based on " + manifest.base() + ", not on " + lastCommit);
            require(
                    manifest.revision() == lastRevision || manifest.revision() == lastRevision + 1,
                    "revision " + manifest.revision() + " follows " + lastRevision);
            lastCommit = manifest.commit();
            lastRevision = manifest.revision();
            segments.read(manifest.garbage(), GarbageEntry.CODEC)
                    .forEachRemaining(entry -> everCondemned.add(entry.name()));
            for (String name : referred(manifest)) {
                require(!everCondemned.contains(name), "revision " + lastRevision + " refers to condemned " + name);
            }
        }
        for (String name : referred(manifest)) {
            require(
                    store.head(folder.bucket(), folder.prefix() + name).isPresent(),
                    "revision " + lastRevision + " refers to " + name + ", which is gone");
        }
        Manifest.Location view = manifest.view();
        if (view != null && manifest.data() != null) {
            for (ObjectEntry object : shown(manifest)) {
                require(
                        store.head(view.bucket(), object.key()).isPresent(),
                        "shown object " + object.key() + " is gone");
            }
        }
        return isNew ? manifest : null;
    }

    /** What was consumed: keys and their ETags. */
    Map<String, String> consumed(Manifest manifest) {
        Map<String, String> consumed = new TreeMap<>();
        segments.read(manifest.inputs(), ObjectEntry.CODEC)
                .forEachRemaining(object -> consumed.put(object.key(), object.etag()));
        return consumed;
    }

    Set<ObjectEntry> shown(Manifest manifest) {
        Set<ObjectEntry> shown = new LinkedHashSet<>();
        segments.read(manifest.shown(), ObjectEntry.CODEC).forEachRemaining(shown::add);
        return shown;
    }

    /** Objects of the ledger that nothing refers to, that were old at the last commit, and that nobody will ever sweep. */
    Set<String> leaked(Manifest manifest, Duration old) {
        Instant before = Instant.ofEpochMilli(manifest.committedAt()).minus(old);
        Set<String> known = referred(manifest);
        segments.read(manifest.garbage(), GarbageEntry.CODEC).forEachRemaining(entry -> known.add(entry.name()));
        Set<String> leaked = new LinkedHashSet<>();
        for (String start : new String[] {"segments/", "manifests/", "parts/", "failures/"}) {
            folder.list(start).forEach(info -> {
                if (!known.contains(info.key()) && info.lastModified().isBefore(before)) {
                    leaked.add(info.key());
                }
            });
        }
        return leaked;
    }

    private Set<String> referred(Manifest manifest) {
        Set<String> names = new LinkedHashSet<>();
        Ledger.Current current = ledger.current();
        if (current != null) {
            names.add(current.head().manifest());
        }
        manifest.segments().forEach(ref -> names.add(ref.name()));
        addStage(names, manifest.data());
        addStage(names, manifest.profile());
        return names;
    }

    private void addStage(Set<String> names, @Nullable StageRecord stage) {
        if (stage != null) {
            segments.read(stage.parts(), PartEntry.CODEC).forEachRemaining(part -> names.add(part.name()));
            segments.read(stage.failures(), FailureEntry.CODEC).forEachRemaining(failure -> names.add(failure.name()));
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
