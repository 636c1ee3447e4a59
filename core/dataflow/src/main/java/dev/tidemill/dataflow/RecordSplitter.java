package dev.tidemill.dataflow;

import dev.tidemill.api.DataFormat;
import dev.tidemill.dataflow.internal.ledger.Digests;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.dataflow.internal.shards.Piece;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.RecordIndex;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Cuts big CSV and JSON Lines objects between records ({@code partition.split: Records}). Where the records begin is found by a pass
 * over the object whose ranges are scanned side by side, and kept by the object's ETag. What cannot be cut goes whole.
 */
final class RecordSplitter {

    private static final Logger LOG = System.getLogger(RecordSplitter.class.getName());
    private static final int AT_ONCE = 4;

    private final ObjectClient store;
    private final StateFolder folder;
    private final String bucket;
    private final Format format;
    private final String formatName;

    /** @param folder the ledger, which keeps the indexes */
    RecordSplitter(ObjectClient store, StateFolder folder, String bucket, DataFormat format) {
        this.store = store;
        this.folder = folder;
        this.bucket = bucket;
        this.format = Formats.of(format);
        formatName = Json.canonical(Json.MAPPER.valueToTree(format));
    }

    /** Whether objects of this format can be cut at all; Parquet, NPY, compressed and raw ones go whole. */
    static boolean splits(DataFormat format) {
        return switch (format.type()) {
            case Auto, Csv, JsonLines ->
                format.compression() == DataFormat.Compression.Auto
                        || format.compression() == DataFormat.Compression.None;
            case Parquet, Npy, Image, Raw -> false;
        };
    }

    /** Where an object is cut. */
    record Cuts(int version, @Nullable String header, List<RecordIndex.Cut> cuts) {
        static final int VERSION = 1;
    }

    /** Whole records, about {@code targetBytes} each. */
    List<Piece> split(ObjectEntry object, long targetBytes) throws InterruptedException {
        if (object.size() <= 2 * targetBytes) {
            return List.of(Piece.whole(object));
        }
        String name = "index/"
                + Digests.hex(bucket + "\n" + object.key() + "\n" + object.etag() + "\n" + object.modified() + "\n"
                        + targetBytes + "\n" + formatName);
        var kept = folder.read(name);
        Cuts cuts = kept.isPresent()
                ? Json.read(kept.get().bytes(), Cuts.class, Cuts.VERSION, folder.address(name))
                : index(object, targetBytes);
        if (kept.isEmpty()) {
            folder.create(name, Json.bytes(cuts), "application/json");
        }
        if (cuts.cuts().isEmpty()) {
            return List.of(Piece.whole(object));
        }
        return cuts.cuts().stream()
                .map(cut -> new Piece(object, cut.offset(), cut.length(), cut.offset() == 0 ? null : cuts.header()))
                .toList();
    }

    private Cuts index(ObjectEntry object, long targetBytes) throws InterruptedException {
        StoreSource source = new StoreSource(store, bucket, object);
        Semaphore permits = new Semaphore(AT_ONCE);
        List<Future<RecordIndex.Part>> scans = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (long offset = 0; offset < object.size(); offset += targetBytes) {
                long from = offset;
                scans.add(threads.submit(() -> {
                    permits.acquire();
                    try {
                        return RecordIndex.scan(source, format, from, Math.min(targetBytes, object.size() - from));
                    } finally {
                        permits.release();
                    }
                }));
            }
            List<RecordIndex.Part> parts = new ArrayList<>();
            for (Future<RecordIndex.Part> scan : scans) {
                parts.add(scan.get());
            }
            return new Cuts(Cuts.VERSION, header(source, parts.getFirst()), RecordIndex.cuts(source.name(), parts));
        } catch (ExecutionException | IOException | IllegalArgumentException e) {
            LOG.log(
                    Logger.Level.WARNING,
                    source.name() + " is not cut between records and goes whole: " + e.getMessage());
            return new Cuts(Cuts.VERSION, null, List.of());
        }
    }

    /** The first record of a CSV object that has a header, as it is spelled there. */
    private static @Nullable String header(StoreSource source, RecordIndex.Part first) throws IOException {
        long end = first.starts().getFirst().at();
        if (end == 0) {
            return null;
        }
        byte[] bytes;
        try (var in = source.open(0)) {
            bytes = in.readNBytes((int) Math.min(end, 1 << 20));
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        String record = text.startsWith("\uFEFF") ? text.substring(1) : text;
        return record.startsWith("{") ? null : record.stripTrailing();
    }
}
