package dev.tidemill.profile.internal.range;

import dev.tidemill.profile.internal.column.TableSummary;
import dev.tidemill.profile.internal.range.Fragment.Candidate;
import dev.tidemill.profile.internal.range.Fragment.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a reading of a range stands. Readings with different starts that come to the same record start go on as one: from there
 * on they cannot differ any more.
 */
final class Track {
    long position;
    private TableSummary shared = new TableSummary();
    private final List<Branch> branches = new ArrayList<>();

    @Nullable
    Problem error;

    /** One of the starts that led here, with the records that it has for itself. */
    private record Branch(long start, TableSummary own) {}

    Track(long start) {
        position = start;
        branches.add(new Branch(start, new TableSummary()));
    }

    TableSummary table() {
        return branches.size() == 1 ? branches.getFirst().own : shared;
    }

    void join(Track other) {
        push();
        other.push();
        branches.addAll(other.branches);
    }

    private void push() {
        if (branches.size() > 1) {
            branches.forEach(branch -> branch.own.merge(shared.copy()));
            shared = new TableSummary();
        }
    }

    List<Candidate> candidates() {
        push();
        return branches.stream()
                .map(branch -> new Candidate(branch.start, position, error == null ? branch.own : null, error))
                .toList();
    }
}
