package dev.tidemill.dataflow;

import dev.tidemill.api.DatasetSpec.DeletionPolicy;
import dev.tidemill.dataflow.internal.ledger.GarbageEntry;
import dev.tidemill.dataflow.internal.ledger.GarbageEntry.Place;
import dev.tidemill.dataflow.internal.ledger.Ledger;
import dev.tidemill.dataflow.internal.ledger.Ledger.Owner;
import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * What goes with a deleted Dataset: its ledger, and with {@link DeletionPolicy#Delete} the objects that the ledger lists as its output,
 * no others. May be cut short at any point and called again: the record of ownership goes last.
 */
public final class Removal {

    private static final String OWNER = "owner.json";
    private static final int BATCH = 1000;

    private final ObjectClient store;

    public Removal(ObjectClient store) {
        this.store = store;
    }

    /**
     * Removes what is the Dataset's own.
     *
     * @return false when the ledger is not there, or another's: then nothing was touched
     */
    public boolean remove(String cluster, DatasetRef dataset, String stateBucket, DeletionPolicy policy) {
        StateFolder folder = StateFolder.of(store, stateBucket, dataset.namespace(), dataset.name());
        Owner owner = new Owner(Owner.VERSION, cluster, dataset.namespace(), dataset.name(), dataset.uid());
        if (Ledger.owner(folder).filter(owner::equals).isEmpty()) {
            return false;
        }
        Ledger ledger = new Ledger(folder);
        Ledger.Current current = ledger.current();
        if (current != null) {
            removeOutput(folder, ledger.manifest(current.head()), owner, policy);
        }
        removeAllButTheOwner(folder);
        folder.delete(List.of(OWNER));
        return true;
    }

    private void removeOutput(StateFolder folder, Manifest manifest, Owner owner, DeletionPolicy policy) {
        Manifest.Location view = manifest.view();
        if (view == null || manifest.data() == null) {
            // A source shows what others own, and a combined value is no object of its own.
            return;
        }
        StateFolder marks = new StateFolder(store, view.bucket(), view.prefix() + "_tidemill/");
        if (Ledger.owner(marks).filter(owner::equals).isEmpty()) {
            return;
        }
        if (policy == DeletionPolicy.Delete) {
            Segments segments = new Segments(folder, "", Limits.DEFAULT);
            List<String> keys = new ArrayList<>();
            segments.read(manifest.shown(), ObjectEntry.CODEC).forEachRemaining(object -> keys.add(object.key()));
            segments.read(manifest.garbage(), GarbageEntry.CODEC).forEachRemaining(entry -> {
                if (entry.place() == Place.OUTPUT) {
                    keys.add(view.prefix() + entry.name());
                }
            });
            for (int from = 0; from < keys.size(); from += BATCH) {
                store.delete(view.bucket(), keys.subList(from, Math.min(keys.size(), from + BATCH)));
            }
            marks.delete(List.of("current.json"));
        }
        marks.delete(List.of(OWNER));
    }

    private static void removeAllButTheOwner(StateFolder folder) {
        List<String> batch = new ArrayList<>();
        for (ObjectInfo info : folder.list("")) {
            if (!info.key().equals(OWNER)) {
                batch.add(info.key());
            }
            if (batch.size() == BATCH) {
                folder.delete(batch);
                batch.clear();
            }
        }
        folder.delete(batch);
    }
}
