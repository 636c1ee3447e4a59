package dev.tidemill.dataflow.internal.work;

import dev.tidemill.dataflow.internal.shards.Shard;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A plan's shards as they stand: a shard that was halved or whose objects changed is represented by what took its place, however
 * often that happened.
 */
public final class WorkList {

    private final Parts parts;
    private final Notes notes;
    private final String fingerprint;
    private final long now;
    private final @Nullable String redrive;

    /**
     * @param now store time in milliseconds, which decides what failed long enough ago
     * @param redrive a token that lets failures with another one be tried again
     */
    public WorkList(Parts parts, Notes notes, String fingerprint, long now, @Nullable String redrive) {
        this.parts = parts;
        this.notes = notes;
        this.fingerprint = fingerprint;
        this.now = now;
        this.redrive = redrive;
    }

    /** One piece of work and how it stands. */
    public sealed interface Leaf {
        Shard shard();

        String id();

        /** Its part exists. */
        record Done(Shard shard, String id, Parts.Found part) implements Leaf {}

        /** It failed and is not due. */
        record Failed(Shard shard, String id, Note note) implements Leaf {}

        /** It has to be called; {@code before} is what earlier slices or runs left. */
        record Missing(Shard shard, String id, @Nullable Note before) implements Leaf {}
    }

    /** Follows a shard of the plan to what stands for it now. */
    public Iterator<Leaf> leaves(Shard planned) {
        return new Leaves(planned);
    }

    private final class Leaves implements Iterator<Leaf> {
        private final Deque<Shard> open = new ArrayDeque<>();
        /** Objects may change to and fro; the notes then lead in a ring. */
        private final Set<String> followed = new HashSet<>();

        private @Nullable Leaf next;

        Leaves(Shard planned) {
            open.add(planned);
        }

        @Override
        public boolean hasNext() {
            while (next == null && !open.isEmpty()) {
                next = follow(open.remove());
            }
            return next != null;
        }

        @Override
        public Leaf next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            Leaf leaf = next;
            next = null;
            return leaf;
        }

        private @Nullable Leaf follow(Shard shard) {
            String id = shard.partId(fingerprint);
            Parts.Found part = parts.get(id);
            if (part != null) {
                return new Leaf.Done(shard, id, part);
            }
            Note note = notes.get(id);
            if (note == null || !followed.add(id)) {
                return new Leaf.Missing(shard, id, null);
            }
            return switch (note.kind()) {
                case POSTPONED -> new Leaf.Missing(shard, id, note);
                case FAILED ->
                    note.blocks(now, redrive) ? new Leaf.Failed(shard, id, note) : new Leaf.Missing(shard, id, note);
                case HALVED -> {
                    shard.halves().reversed().forEach(open::addFirst);
                    yield null;
                }
                case REPLACED -> {
                    note.replacements().reversed().forEach(open::addFirst);
                    yield null;
                }
            };
        }
    }
}
