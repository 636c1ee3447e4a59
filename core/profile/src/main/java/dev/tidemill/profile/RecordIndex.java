package dev.tidemill.profile;

import dev.tidemill.profile.internal.Readers;
import dev.tidemill.profile.internal.Records;
import dev.tidemill.profile.internal.range.Fragment.Candidate;
import dev.tidemill.profile.internal.range.RangeScan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of a CSV or JSON Lines source start, found in parts: each range is scanned on its own and says, for every state
 * that the bytes before it may leave, where its first record starts and where the first one behind it does. Put together from the
 * beginning, that gives one cut for each range.
 */
public final class RecordIndex {
    private RecordIndex() {}

    /**
     * One scanned range.
     *
     * @param offset first byte
     * @param length in bytes
     * @param starts the possible first record starts; when the true one is not among them, no record starts in the range
     */
    public record Part(long offset, long length, List<Start> starts) {
        public Part {
            starts = List.copyOf(starts);
        }
    }

    /**
     * If the range's first record starts at {@code at}, the first one behind the range starts at {@code next}; or reading on from
     * there fails.
     *
     * @param problem what is wrong in that case, else null
     */
    public record Start(long at, long next, @Nullable Problem problem) {}

    /** A format error that counts only if its start turns out to be the true one. */
    public record Problem(long line, long byteOffset, String text) {}

    /** A run of whole records: it begins where a record starts, or with the header. */
    public record Cut(long offset, long length) {}

    /**
     * Scans a range that may be cut anywhere.
     *
     * @throws IllegalArgumentException when the format has no records that can be found from the middle
     */
    public static Part scan(ByteSource source, Format format, long offset, long length) throws IOException {
        Records records = Readers.records(source, format);
        long to = Math.min(source.size(), offset + length);
        List<Start> starts = new RangeScan(records, false)
                .scan(offset, to).stream().map(RecordIndex::start).toList();
        return new Part(offset, to - offset, starts);
    }

    private static Start start(Candidate candidate) {
        var error = candidate.error();
        return new Start(
                candidate.start(),
                candidate.next(),
                error == null ? null : new Problem(error.line(), error.byteOffset(), error.text()));
    }

    /**
     * The cuts that the ranges, which cover a source from its first byte without gaps, come to. They cover it too; ranges in which no
     * record starts have none.
     *
     * @param object the source's name
     * @throws FormatException when the records cannot be told apart, as behind a quote that is never closed
     */
    public static List<Cut> cuts(String object, List<Part> parts) throws FormatException {
        List<Part> inOrder =
                parts.stream().sorted(Comparator.comparingLong(Part::offset)).toList();
        List<Cut> cuts = new ArrayList<>();
        long from = 0;
        long covered = 0;
        long next = 0;
        for (Part part : inOrder) {
            if (part.offset() != covered) {
                throw new IllegalArgumentException(
                        "bytes %d to %d of %s are missing".formatted(covered, part.offset(), object));
            }
            covered += part.length();
            if (part.offset() > 0 && next >= covered) {
                continue;
            }
            long start = next;
            Start found = part.offset() == 0
                    ? part.starts().getFirst()
                    : part.starts().stream()
                            .filter(candidate -> candidate.at() == start)
                            .findFirst()
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "the ranges of %s do not fit together at byte %d: it changed"
                                            .formatted(object, start)));
            if (part.offset() > 0) {
                cuts.add(new Cut(from, start - from));
                from = start;
            }
            Problem problem = found.problem();
            if (problem != null) {
                throw new FormatException(object, problem.line(), problem.byteOffset(), problem.text());
            }
            next = found.next();
        }
        if (covered > from) {
            cuts.add(new Cut(from, covered - from));
        }
        return cuts;
    }
}
