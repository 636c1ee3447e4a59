package dev.tidemill.dataflow;

import dev.tidemill.api.TimeSpan;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.internal.inventory.Checkpoint;
import dev.tidemill.dataflow.internal.inventory.Inventory;
import dev.tidemill.dataflow.internal.inventory.Inventory.Found;
import dev.tidemill.dataflow.internal.inventory.KeyFilter;
import dev.tidemill.dataflow.internal.ledger.Digests;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Ledger;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.Manifest.Ancestor;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.SegmentRef;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.RunState.HeldRemoval;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds out what a Dataset's input is now, whatever kind it is of, and refuses what cannot be right. */
final class InputScan {

    private static final int MANY = 100;

    private final SliceContext slice;
    private final @Nullable Manifest base;
    private final String spec;
    private final boolean everything;

    /**
     * @param everything lists all, whatever keys the events named
     */
    InputScan(SliceContext slice, @Nullable Manifest base, String spec, boolean everything) {
        this.everything = everything;
        this.slice = slice;
        this.base = base;
        this.spec = spec;
    }

    /**
     * The input now.
     *
     * @param objects in key order
     * @param ancestors what it descends from
     * @param differs from what is committed
     */
    record Scanned(String bucket, List<SegmentRef> objects, List<Ancestor> ancestors, boolean differs) {}

    /** @throws Stop when the slice ends first, or the input is not to be believed yet */
    Scanned scan() {
        Scanned scanned = switch (slice.task().input()) {
            case Input.Listing listing -> listed(listing);
            case Input.Committed(DatasetRef parent) -> committed(parent);
            case Input.Generated generated -> generated(generated);
        };
        slice.passed(KillPoint.INVENTORY_DONE);
        return scanned;
    }

    private List<SegmentRef> before() {
        // Of another place or kind of input nothing can be shared, and nothing is missed.
        return base != null && base.spec().equals(spec) ? base.inputs() : List.of();
    }

    private Scanned listed(Input.Listing listing) {
        SliceRequest.Turn turn = slice.turn();
        Checkpoint checkpoint = checkpoint();
        Inventory inventory = new Inventory(slice.segments(), before(), control());
        Inventory.Place place = new Inventory.Place(
                slice.store(),
                listing.bucket(),
                listing.prefix(),
                new KeyFilter(listing.prefix(), listing.include(), listing.exclude()));
        boolean narrow =
                !turn.fullListing() && !turn.changedKeys().isEmpty() && !before().isEmpty() && checkpoint == null;
        Found found = narrow ? inventory.around(place, turn.changedKeys()) : inventory.full(place, checkpoint);
        if (!found.complete()) {
            throw Stop.sliceOver("inventory");
        }
        guardRemoval(found);
        if (slice.lease().state().checkpoint() != null) {
            slice.lease().update(run -> run.withCheckpoint(null, slice.now()));
        }
        boolean differs = base == null || !base.spec().equals(spec) || found.differs();
        return new Scanned(listing.bucket(), found.inputs(), List.of(), differs);
    }

    private @Nullable Checkpoint checkpoint() {
        var kept = slice.lease().state().checkpoint();
        if (kept == null) {
            return null;
        }
        Checkpoint checkpoint = Json.MAPPER.convertValue(kept, Checkpoint.class);
        String commit = base == null ? null : base.commit();
        boolean valid = checkpoint.run().equals(slice.turn().run())
                && checkpoint.spec().equals(spec)
                && (commit == null ? checkpoint.baseCommit() == null : commit.equals(checkpoint.baseCommit()));
        return valid ? checkpoint : null;
    }

    private Inventory.Control control() {
        return new Inventory.Control() {
            @Override
            public boolean goOn() {
                slice.passed(KillPoint.INVENTORY_PAGE);
                return !slice.over();
            }

            @Override
            public void keep(Inventory.Progress progress) {
                Checkpoint checkpoint = new Checkpoint(
                        base == null ? null : base.commit(),
                        slice.turn().run(),
                        spec,
                        progress.after(),
                        progress.written(),
                        progress.added(),
                        progress.changed(),
                        progress.removed());
                slice.lease().update(run -> run.withCheckpoint(Json.MAPPER.valueToTree(checkpoint), slice.now()));
                slice.passed(KillPoint.INVENTORY_CHECKPOINT);
            }
        };
    }

    /** A listing that lost everything, or most of it, may be a lie of the store: a second one has to agree. */
    private void guardRemoval(Found found) {
        long had = Manifest.count(before());
        boolean held = had > 0 && (found.removed() == had || (had > MANY && found.removed() * 2 > had));
        HeldRemoval earlier = slice.lease().state().held();
        if (base == null || !held) {
            if (earlier != null) {
                slice.lease().update(run -> run.withHeld(null));
            }
            return;
        }
        Long confirmed = slice.task().wishes().confirmRemoval();
        if (confirmed != null && confirmed == base.revision()) {
            return;
        }
        long now = slice.now();
        Duration resync = slice.task().policy().resync();
        if (earlier != null && earlier.baseCommit().equals(base.commit())) {
            if (now - earlier.since() >= resync.toMillis()) {
                return;
            }
        } else {
            HeldRemoval first = new HeldRemoval(base.commit(), now, found.removed());
            slice.lease().update(run -> run.withHeld(first));
            earlier = first;
        }
        throw new Stop(
                State.HELD,
                "RemovalHeld",
                found.removed() + " of " + had
                        + " objects are gone from the listing. Nothing was changed: a listing in "
                        + TimeSpan.of(resync) + " has to agree, or set the annotation tidemill.dev/confirm-removal: \""
                        + base.revision() + "\"",
                Instant.ofEpochMilli(earlier.since()).plus(resync));
    }

    private Scanned committed(DatasetRef parent) {
        StateFolder theirs =
                StateFolder.of(slice.store(), slice.task().stateBucket(), parent.namespace(), parent.name());
        Ledger ledger = new Ledger(theirs);
        Ledger.Current current = ledger.current();
        if (current == null) {
            throw Stop.held(
                    "ParentMissing",
                    "Dataset " + parent
                            + " has committed nothing yet, or is gone; this one stays as it is until it has");
        }
        Manifest manifest = ledger.manifest(current.head());
        Manifest.Location view = manifest.view();
        if (view == null) {
            throw Stop.held(
                    "ParentHasNoObjects", "Dataset " + parent + " is combined to one value and shows no objects");
        }
        List<Ancestor> ancestors = new ArrayList<>();
        ancestors.add(new Ancestor(manifest.uid(), manifest.revision()));
        ancestors.addAll(manifest.ancestors());
        String own = slice.task().dataset().uid();
        if (ancestors.stream().anyMatch(ancestor -> ancestor.uid().equals(own))) {
            throw Stop.held("Cycle", "this Dataset's input descends from itself; break the ring of spec.from");
        }
        if (base != null && base.spec().equals(spec) && base.ancestors().equals(ancestors)) {
            return new Scanned(view.bucket(), base.inputs(), ancestors, false);
        }
        Found found = new Inventory(slice.segments(), before(), control())
                .copy(new Segments(theirs, "", slice.segments().limits()), manifest.shown());
        if (!found.complete()) {
            throw Stop.sliceOver("reading the manifest of " + parent);
        }
        // An equal list under a later revision is committed too, for the line of ancestors.
        return new Scanned(view.bucket(), found.inputs(), ancestors, true);
    }

    private Scanned generated(Input.Generated generated) {
        int objects = generated.generate().objects();
        String declared = Digests.hex(Json.canonical(Json.MAPPER.valueToTree(generated)));
        List<ObjectEntry> entries = new ArrayList<>();
        for (int i = 0; i < objects; i++) {
            // Weighs what a shard should weigh: each has a call of its own.
            entries.add(new ObjectEntry(
                    "%08d".formatted(i), declared, slice.task().partition().targetBytes(), 0));
        }
        Found found = new Inventory(slice.segments(), before(), control()).of(entries);
        return new Scanned("", found.inputs(), List.of(), found.differs() || base == null);
    }
}
