package dev.tidemill.profile.internal.range;

import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.Chunks;
import dev.tidemill.profile.internal.Records;
import dev.tidemill.profile.internal.range.Fragment.Candidate;
import dev.tidemill.profile.internal.range.Fragment.Problem;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads a range once for each of its possible first record starts. Readings that meet go on as one, and in real files they meet at
 * the next line end: what looks like the inside of quotes seldom survives a line that is not. So a range costs about one reading.
 */
public final class RangeScan {
    /** After this many steps without meeting, the readings are two different files to us; each goes to the end on its own. */
    private static final int PATIENCE = 16;

    private final Records records;
    private final boolean profile;

    /** @param profile whether to sum up the records, or only to find where they start */
    public RangeScan(Records records, boolean profile) {
        this.records = records;
        this.profile = profile;
    }

    /** The candidates of {@code [from, to)}; that of a range from 0 is always there. */
    public List<Candidate> scan(long from, long to) throws IOException {
        SortedSet<Long> starts = new TreeSet<>();
        if (from <= records.dataStart()) {
            if (from == 0 || records.dataStart() < to) {
                starts.add(records.dataStart());
            }
        } else {
            starts = records.starts(from, to);
        }
        List<Track> tracks = starts.stream().map(Track::new).collect(Collectors.toList());
        for (int steps = 0; ; steps++) {
            List<Track> running = tracks.stream()
                    .filter(track -> track.error == null && track.position < to)
                    .sorted(Comparator.comparingLong(track -> track.position))
                    .toList();
            if (running.isEmpty()) {
                break;
            }
            Track behind = running.getFirst();
            long target = running.size() == 1 || steps >= PATIENCE ? to : running.get(1).position;
            advance(behind, target);
            Optional<Track> met = running.stream()
                    .skip(1)
                    .filter(track -> behind.error == null && track.position == behind.position)
                    .findFirst();
            if (met.isPresent()) {
                met.get().join(behind);
                tracks.remove(behind);
            }
        }
        if (profile) {
            tracks.forEach(track -> track.table().declare(records.columns()));
        }
        return tracks.stream().flatMap(track -> track.candidates().stream()).toList();
    }

    private void advance(Track track, long target) throws IOException {
        try (Chunks chunks = records.chunks(track.position, target)) {
            if (profile) {
                try (BatchReader reader = records.reader(chunks)) {
                    track.table().addAll(reader);
                }
            } else {
                Chunk chunk = new Chunk();
                while (chunks.next(chunk)) {
                    // Only the cuts matter.
                }
            }
            track.position = chunks.position();
        } catch (FormatException e) {
            track.error = new Problem(e.line(), e.byteOffset(), e.problem());
        }
    }
}
