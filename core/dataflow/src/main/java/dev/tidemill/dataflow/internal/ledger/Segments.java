package dev.tidemill.dataflow.internal.ledger;

import dev.tidemill.dataflow.internal.ledger.SegmentCodec.Lines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes lists as segments of about 4,096 entries, cut where the hash of an entry's key says so: an insertion changes
 * its own segment and, at the hard limit, its neighbour, and all others are shared with the list before.
 */
public final class Segments {

    private static final String FOLDER = "segments/";

    private final StateFolder folder;
    private String nonce;
    private final Limits limits;
    private final Map<String, SegmentRef> known = new HashMap<>();

    /**
     * @param nonce makes the names of new segments unique for ever, so that a condemned name never comes back
     */
    public Segments(StateFolder folder, String nonce, Limits limits) {
        this.folder = folder;
        this.nonce = nonce;
        this.limits = limits;
    }

    /**
     * Begins on another base: what was shared with the last one may be condemned by now, and so may what was written for it.
     *
     * @param fresh a new nonce, so that what is written again gets a name that nobody ever condemned
     */
    public void startOver(String fresh) {
        nonce = fresh;
        known.clear();
    }

    public Limits limits() {
        return limits;
    }

    /** Segments of a committed list: what is equal to one of them is not written again. */
    public void share(List<SegmentRef> committed) {
        committed.forEach(ref -> known.put(ref.content(), ref));
    }

    /** The shared segment that holds the same as another ledger's, if there is one. */
    public @Nullable SegmentRef shared(SegmentRef other) {
        return known.get(other.content());
    }

    public <T> List<T> read(SegmentRef ref, LineCodec<T> codec) {
        String address = folder.address(ref.name());
        var stored = folder.read(ref.name())
                .orElseThrow(() -> new CorruptRecordException(address, "is named by the ledger and is not there"));
        return SegmentCodec.decode(stored.bytes(), codec, address, ref.content());
    }

    /** All entries of a list, one segment in memory at a time. */
    public <T> Iterator<T> read(List<SegmentRef> list, LineCodec<T> codec) {
        return new Iterator<>() {
            private final Iterator<SegmentRef> refs = list.iterator();
            private Iterator<T> entries = List.<T>of().iterator();

            @Override
            public boolean hasNext() {
                while (!entries.hasNext() && refs.hasNext()) {
                    entries = read(refs.next(), codec).iterator();
                }
                return entries.hasNext();
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return entries.next();
            }
        };
    }

    public <T> Writer<T> writer(LineCodec<T> codec) {
        return new Writer<>(codec);
    }

    /** Appends to a list. */
    public final class Writer<T> {
        private final LineCodec<T> codec;
        private final List<SegmentRef> done = new ArrayList<>();
        private @Nullable Lines<T> lines;
        private String first = "";
        private String last = "";
        private long count;
        private long weight;

        private Writer(LineCodec<T> codec) {
            this.codec = codec;
        }

        /** Goes on behind segments that a checkpoint kept. */
        public Writer<T> resume(List<SegmentRef> written) {
            done.addAll(written);
            return this;
        }

        public void add(T entry) {
            Lines<T> open = lines == null ? (lines = new Lines<>(codec)) : lines;
            String key = codec.cutKey(entry);
            if (count == 0) {
                first = key;
            }
            last = key;
            open.add(entry);
            count++;
            weight += codec.weight(entry);
            if (count >= limits.longestSegment() || (Digests.cut(key) & (limits.segment() - 1)) == 0) {
                close(open);
            }
        }

        /** Whether the next entry starts a segment, so that a whole one may be taken over unread. */
        public boolean atBoundary() {
            return lines == null;
        }

        /** Takes over a segment of an earlier list. */
        public void reuse(SegmentRef ref) {
            if (!atBoundary()) {
                throw new IllegalStateException("segment " + ref.name() + " cannot follow an open one");
            }
            done.add(ref);
        }

        /** What is complete so far: a checkpoint may keep it when {@link #atBoundary()}. */
        public List<SegmentRef> written() {
            return List.copyOf(done);
        }

        public List<SegmentRef> finish() {
            if (lines != null) {
                close(lines);
            }
            return List.copyOf(done);
        }

        private void close(Lines<T> open) {
            byte[] bytes = open.toBytes();
            String content = Digests.hex(bytes);
            SegmentRef ref = known.get(content);
            if (ref == null) {
                ref = new SegmentRef(FOLDER + content + "." + nonce, first, last, count, weight);
                folder.create(ref.name(), SegmentCodec.compress(bytes), "application/x-ndjson");
                known.put(content, ref);
            }
            done.add(ref);
            lines = null;
            count = 0;
            weight = 0;
        }
    }
}
