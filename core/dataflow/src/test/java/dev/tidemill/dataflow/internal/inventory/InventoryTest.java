package dev.tidemill.dataflow.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.internal.inventory.Inventory.Found;
import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.SegmentRef;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InventoryTest {

    private final ObjectClient store = new MemoryStore(3).client();

    @Test
    void goesOnAtItsCheckpointAndFindsTheSame() {
        store.createBucket("tidemill");
        store.createBucket("in");
        for (int i = 0; i < 60; i++) {
            put(i, "first");
        }
        List<SegmentRef> committed = inventory(List.of(), 1000, null).inputs();
        for (int i = 0; i < 60; i += 7) {
            put(i, "changed");
        }
        store.delete("in", List.of("in/11", "in/50"));
        Found undisturbed = inventory(committed, 1000, null);

        List<Inventory.Progress> kept = new ArrayList<>();
        Found cut = inventory(committed, 12, null, kept);
        Inventory.Progress last = kept.getLast();
        Found resumed = inventory(
                committed,
                1000,
                new Checkpoint(
                        "c",
                        "run",
                        "spec",
                        last.after(),
                        last.written(),
                        last.added(),
                        last.changed(),
                        last.removed()));

        assertThat(cut.complete()).isFalse();
        assertThat(last.after()).isGreaterThan("in/10");
        assertThat(entries(resumed.inputs()))
                .isEqualTo(entries(undisturbed.inputs()))
                .hasSize(58);
        assertThat(resumed).usingRecursiveComparison().ignoringFields("inputs").isEqualTo(undisturbed);
        assertThat(undisturbed.changed()).isEqualTo(9);
        assertThat(undisturbed.removed()).isEqualTo(2);
    }

    private Found inventory(List<SegmentRef> committed, int pages, @Nullable Checkpoint checkpoint) {
        return inventory(committed, pages, checkpoint, new ArrayList<>());
    }

    private Found inventory(
            List<SegmentRef> committed, int pages, @Nullable Checkpoint checkpoint, List<Inventory.Progress> kept) {
        int[] left = {pages};
        Inventory.Control control = new Inventory.Control() {
            @Override
            public boolean goOn() {
                return --left[0] > 0;
            }

            @Override
            public void keep(Inventory.Progress progress) {
                kept.add(progress);
            }
        };
        return new Inventory(segments(), committed, control)
                .full(new Inventory.Place(store, "in", "in/", new KeyFilter("in/", List.of(), List.of())), checkpoint);
    }

    private List<ObjectEntry> entries(List<SegmentRef> list) {
        List<ObjectEntry> entries = new ArrayList<>();
        segments().read(list, ObjectEntry.CODEC).forEachRemaining(entries::add);
        return entries;
    }

    private Segments segments() {
        return new Segments(
                StateFolder.of(store, "tidemill", "default", "raw"), "n", new Limits(4, 5, Integer.MAX_VALUE));
    }

    private void put(int i, String content) {
        store.put(
                "in",
                "in/%02d".formatted(i),
                content.getBytes(StandardCharsets.UTF_8),
                "text/plain",
                Precondition.NONE);
    }
}
