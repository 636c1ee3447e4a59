package dev.tidemill.dataflow.internal.ledger;

import dev.tidemill.dataflow.internal.ledger.GarbageEntry.Place;
import dev.tidemill.store.ObjectInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What may go. A commit lists what it no longer refers to and deletes nothing; what was listed for a whole retention is deleted by a
 * later run. Since every name is unique to the plan or slice that made it, a listed name never comes back, and a sweep that was
 * asleep for a day still deletes the right thing.
 */
public final class Garbage {

    /** Names that only Tidemill gives to output objects: slot, part id, nonce. */
    private static final Pattern OUTPUT_NAME = Pattern.compile("[0-9a-f]{8}/[0-9a-f]{64}\\..*");

    private static final List<String> LEDGER_FOLDERS =
            List.of("segments/", "manifests/", "plans/", "parts/", "failures/", "index/");

    private final StateFolder ledger;
    private final @Nullable StateFolder output;
    private final Segments segments;

    /**
     * @param output where output objects lie now; those of an earlier location are left alone
     */
    public Garbage(StateFolder ledger, @Nullable StateFolder output, Segments segments) {
        this.ledger = ledger;
        this.output = output;
        this.segments = segments;
    }

    /** Deletes what was listed up to {@code limit}, and says up to when nothing is left. */
    public void sweep(Manifest committed, long limit, long sweptBefore) {
        Set<String> fromLedger = new TreeSet<>();
        Set<String> fromOutput = new TreeSet<>();
        Iterator<GarbageEntry> listed = segments.read(committed.garbage(), GarbageEntry.CODEC);
        while (listed.hasNext()) {
            GarbageEntry entry = listed.next();
            if (entry.since() <= limit && entry.since() > sweptBefore) {
                (entry.place() == Place.LEDGER ? fromLedger : fromOutput).add(entry.name());
            }
        }
        ledger.delete(fromLedger);
        if (output != null) {
            output.delete(fromOutput);
        }
    }

    /** The names on a revision's list: absent, whatever the store says. */
    public Set<String> condemned(@Nullable Manifest committed) {
        Set<String> names = new HashSet<>();
        if (committed != null) {
            segments.read(committed.garbage(), GarbageEntry.CODEC).forEachRemaining(entry -> names.add(entry.name()));
        }
        return names;
    }

    /**
     * The list of the next revision: the present one without what is gone already, and what only {@code base} referred to.
     *
     * @param sameOutput whether both show objects at the same place
     * @param orphansBefore also what nobody refers to and was written before this time; null looks for none
     */
    public List<SegmentRef> next(
            @Nullable Manifest base,
            @Nullable String baseName,
            Manifest next,
            boolean sameOutput,
            long sweptUntil,
            @Nullable Long orphansBefore) {
        List<GarbageEntry> entries = new ArrayList<>();
        Set<String> listed = new HashSet<>();
        if (base != null) {
            segments.read(base.garbage(), GarbageEntry.CODEC).forEachRemaining(entry -> {
                listed.add(entry.name());
                if (entry.since() > sweptUntil && (sameOutput || entry.place() == Place.LEDGER)) {
                    entries.add(entry);
                }
            });
            long now = next.committedAt();
            for (GarbageEntry gone : dropped(base, next, sameOutput, now)) {
                if (listed.add(gone.name())) {
                    entries.add(gone);
                }
            }
            if (baseName != null && listed.add(baseName)) {
                entries.add(new GarbageEntry(Place.LEDGER, baseName, now));
            }
        }
        if (orphansBefore != null) {
            orphans(next, base, baseName, orphansBefore, listed, entries);
        }
        Segments.Writer<GarbageEntry> writer = segments.writer(GarbageEntry.CODEC);
        entries.stream()
                .sorted(java.util.Comparator.comparing(GarbageEntry::name).thenComparing(GarbageEntry::place))
                .forEach(writer::add);
        return writer.finish();
    }

    /** What {@code base} refers to and {@code next} does not. Segments that both have in common are not even read. */
    private List<GarbageEntry> dropped(Manifest base, Manifest next, boolean sameOutput, long now) {
        List<GarbageEntry> dropped = new ArrayList<>();
        Set<String> kept = new HashSet<>();
        next.segments().forEach(ref -> kept.add(ref.name()));
        Set<String> before = new HashSet<>();
        base.segments().forEach(ref -> before.add(ref.name()));
        // The next list of garbage may still share them; those that it does not are orphans by the commit after it.
        base.garbage().forEach(ref -> before.remove(ref.name()));
        for (String name : before) {
            if (!kept.contains(name)) {
                dropped.add(new GarbageEntry(Place.LEDGER, name, now));
            }
        }
        Referred stays = new Referred();
        stays.addStages(next, before);
        Referred was = new Referred();
        was.addStages(base, kept);
        was.inLedger.stream()
                .filter(name -> !stays.inLedger.contains(name))
                .forEach(name -> dropped.add(new GarbageEntry(Place.LEDGER, name, now)));
        if (sameOutput && output != null) {
            was.inOutput.stream()
                    .filter(key -> !stays.inOutput.contains(key))
                    .filter(key -> key.startsWith(output.prefix()))
                    .forEach(key -> dropped.add(new GarbageEntry(
                            Place.OUTPUT, key.substring(output.prefix().length()), now)));
        }
        return dropped;
    }

    private void orphans(
            Manifest next,
            @Nullable Manifest base,
            @Nullable String baseName,
            long before,
            Set<String> listed,
            List<GarbageEntry> entries) {
        Referred referred = new Referred();
        referred.addStages(next, Set.of());
        next.segments().forEach(ref -> referred.inLedger.add(ref.name()));
        if (baseName != null) {
            referred.inLedger.add(baseName);
        }
        if (base != null) {
            base.garbage().forEach(ref -> referred.inLedger.add(ref.name()));
        }
        String currentPlans = "plans/" + next.revision() + "-";
        for (String start : LEDGER_FOLDERS) {
            for (ObjectInfo info : ledger.list(start)) {
                if (info.lastModified().toEpochMilli() < before
                        && !info.key().startsWith(currentPlans)
                        && !referred.inLedger.contains(info.key())
                        && listed.add(info.key())) {
                    entries.add(new GarbageEntry(Place.LEDGER, info.key(), next.committedAt()));
                }
            }
        }
        if (output != null) {
            for (ObjectInfo info : output.list("")) {
                if (info.lastModified().toEpochMilli() < before
                        && OUTPUT_NAME.matcher(info.key()).matches()
                        && !referred.inOutput.contains(output.prefix() + info.key())
                        && listed.add(info.key())) {
                    entries.add(new GarbageEntry(Place.OUTPUT, info.key(), next.committedAt()));
                }
            }
        }
    }

    /** Names that a manifest's stages refer to. */
    private final class Referred {
        private final Set<String> inLedger = new HashSet<>();
        private final Set<String> inOutput = new HashSet<>();

        void addStages(Manifest manifest, Set<String> except) {
            add(manifest.data(), except);
            add(manifest.profile(), except);
        }

        private void add(Manifest.@Nullable StageRecord stage, Set<String> except) {
            if (stage == null) {
                return;
            }
            segments.read(except(stage.parts(), except), PartEntry.CODEC).forEachRemaining(part -> {
                inLedger.add(part.name());
                part.outputs().forEach(object -> inOutput.add(object.key()));
            });
            segments.read(except(stage.failures(), except), FailureEntry.CODEC)
                    .forEachRemaining(failure -> inLedger.add(failure.name()));
        }

        private List<SegmentRef> except(List<SegmentRef> list, Set<String> names) {
            return list.stream().filter(ref -> !names.contains(ref.name())).toList();
        }
    }
}
