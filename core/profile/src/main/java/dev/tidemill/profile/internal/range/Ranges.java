package dev.tidemill.profile.internal.range;

import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.column.TableSummary;
import dev.tidemill.profile.internal.range.Fragment.Candidate;
import dev.tidemill.profile.internal.range.Fragment.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The objects that are known in part. A range joins the table as soon as everything before it is there: the record before tells where
 * the range's first one starts. Ranges may come in any order.
 */
public final class Ranges {
    private final Map<String, Partial> objects = new TreeMap<>();

    /** One object: its beginning, up to {@code to}, is in the table; {@code waiting} by where they start. */
    private static final class Partial {
        final long size;
        long to;
        long next;
        final TreeMap<Long, Fragment> waiting = new TreeMap<>();

        Partial(long size) {
            this.size = size;
        }
    }

    public boolean isEmpty() {
        return objects.isEmpty();
    }

    /** What is missing or not settled, as text: {@code orders.csv from byte 4096}. */
    public List<String> missing() {
        return objects.entrySet().stream()
                .map(entry -> entry.getKey() + " from byte " + entry.getValue().to)
                .toList();
    }

    /** Adds a range, and moves into the table what is settled by it. */
    public void add(Fragment fragment, TableSummary table) throws FormatException {
        Partial partial = objects.computeIfAbsent(fragment.object(), name -> new Partial(fragment.size()));
        if (fragment.from() < partial.to || partial.waiting.put(fragment.from(), fragment) != null) {
            throw new IllegalArgumentException("bytes %d to %d of %s are there twice"
                    .formatted(fragment.from(), fragment.to(), fragment.object()));
        }
        settle(fragment.object(), partial, table);
    }

    /** Adds the other's ranges; the other must not be used any more. */
    public void merge(Ranges other, TableSummary table) throws FormatException {
        for (var entry : other.objects.entrySet()) {
            Partial theirs = entry.getValue();
            Partial ours = objects.computeIfAbsent(entry.getKey(), name -> new Partial(theirs.size));
            if (ours.to > 0 && theirs.to > 0) {
                throw new IllegalArgumentException("the beginning of %s is there twice".formatted(entry.getKey()));
            }
            if (theirs.to > 0) {
                ours.to = theirs.to;
                ours.next = theirs.next;
            }
            for (Fragment fragment : theirs.waiting.values()) {
                checkNew(ours, fragment);
                ours.waiting.put(fragment.from(), fragment);
            }
            settle(entry.getKey(), ours, table);
        }
    }

    private static void checkNew(Partial partial, Fragment fragment) {
        Map.Entry<Long, Fragment> before = partial.waiting.floorEntry(fragment.to() - 1);
        if (fragment.from() < partial.to || (before != null && before.getValue().to() > fragment.from())) {
            throw new IllegalArgumentException("bytes %d to %d of %s are there twice"
                    .formatted(fragment.from(), fragment.to(), fragment.object()));
        }
    }

    private void settle(String object, Partial partial, TableSummary table) throws FormatException {
        while (true) {
            Fragment fragment = partial.waiting.remove(partial.to);
            if (fragment == null) {
                break;
            }
            boolean first = fragment.from() == 0;
            if (first || partial.next < fragment.to()) {
                Candidate candidate = first ? fragment.candidates().getFirst() : find(fragment, partial.next);
                Problem error = candidate.error();
                if (error != null) {
                    throw new FormatException(object, error.line(), error.byteOffset(), error.text());
                }
                if (candidate.table() != null) {
                    table.merge(candidate.table());
                }
                partial.next = candidate.next();
            }
            partial.to = fragment.to();
        }
        if (partial.to == partial.size) {
            objects.remove(object);
        }
    }

    private static Candidate find(Fragment fragment, long start) {
        return fragment.candidates().stream()
                .filter(candidate -> candidate.start() == start)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the ranges of %s do not fit together at byte %d: it changed while it was read"
                                .formatted(fragment.object(), start)));
    }

    /** An independent copy. */
    public Ranges copy() {
        try {
            var bytes = new ByteArrayOutputStream();
            write(new DataOutputStream(bytes));
            return read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void write(DataOutput out) throws IOException {
        out.writeInt(objects.size());
        for (var entry : objects.entrySet()) {
            Partial partial = entry.getValue();
            Fragment.writeText(out, entry.getKey());
            out.writeLong(partial.size);
            out.writeLong(partial.to);
            out.writeLong(partial.next);
            out.writeInt(partial.waiting.size());
            for (Fragment fragment : partial.waiting.values()) {
                fragment.write(out);
            }
        }
    }

    public static Ranges read(DataInput in) throws IOException {
        Ranges ranges = new Ranges();
        for (int i = in.readInt(); i > 0; i--) {
            String object = Fragment.readText(in);
            Partial partial = new Partial(in.readLong());
            partial.to = in.readLong();
            partial.next = in.readLong();
            List<Fragment> waiting = new ArrayList<>();
            for (int k = in.readInt(); k > 0; k--) {
                waiting.add(Fragment.read(in));
            }
            waiting.forEach(fragment -> partial.waiting.put(fragment.from(), fragment));
            ranges.objects.put(object, partial);
        }
        return ranges;
    }
}
