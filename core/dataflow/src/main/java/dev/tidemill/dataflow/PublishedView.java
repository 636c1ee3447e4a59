package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code _tidemill/current.json} under an output's prefix: the objects that the Dataset shows, for readers that may not open the
 * ledger. A listing of the prefix is not that: it also has what is not committed yet and what is committed no more.
 */
record PublishedView(int version, long revision, List<Shown> objects) {

    private static final int VERSION = 1;
    private static final String NAME = "_tidemill/current.json";

    /** One object; the key is the whole one, as in the bucket. */
    record Shown(String key, String etag, long size) {}

    /** Writes it, unless it tells of this revision or a later one already. */
    static void publish(SliceContext slice, StateFolder output, Manifest manifest) {
        var stored = output.read(NAME).orElse(null);
        if (stored != null
                && Json.read(stored.bytes(), PublishedView.class, VERSION, output.address(NAME)).revision
                        >= manifest.revision()) {
            return;
        }
        List<Shown> objects = new ArrayList<>();
        slice.segments()
                .read(manifest.shown(), ObjectEntry.CODEC)
                .forEachRemaining(object -> objects.add(new Shown(object.key(), object.etag(), object.size())));
        byte[] bytes = Json.bytes(new PublishedView(VERSION, manifest.revision(), objects));
        // Whoever is faster tells this revision or a later one; the next run looks again.
        output.replace(NAME, bytes, stored == null ? null : stored.etag());
        slice.passed(KillPoint.VIEW_PUBLISHED);
    }
}
