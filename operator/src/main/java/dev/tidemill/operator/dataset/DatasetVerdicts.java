package dev.tidemill.operator.dataset;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import java.time.Clock;
import java.util.Objects;

/** The statuses of a Dataset that the driver does not work on; those of all others are the driver's. */
final class DatasetVerdicts {

    private static final String COMMITTED = "Committed";

    private DatasetVerdicts() {}

    /** Somebody has to mend something first. */
    static DatasetStatus refused(Clock clock, DatasetResource dataset, Verdict verdict) {
        var before = before(dataset);
        return before.with()
                .observed(
                        dataset.generation(),
                        Conditions.of(clock, dataset.generation(), before.conditions())
                                .requires(verdict)
                                .notes(Verdict.no(Condition.PROGRESSING, verdict.reason(), ""))
                                .derive())
                .build();
    }

    /** Something it needs is missing for now. A revision that is committed for this generation stays Ready, and is Degraded. */
    static DatasetStatus waiting(Clock clock, DatasetResource dataset, Verdict verdict) {
        var before = before(dataset);
        var conditions = Conditions.of(clock, dataset.generation(), before.conditions());
        var committed = isCommitted(before, dataset.generation());
        if (committed) {
            conditions
                    .requires(Verdict.yes(COMMITTED, COMMITTED))
                    .notes(new Verdict(Condition.DEGRADED, Condition.Status.True, verdict.reason(), verdict.message()));
        } else {
            conditions.requires(verdict);
        }
        return before.with()
                .observed(
                        dataset.generation(),
                        conditions
                                .notes(Verdict.no(Condition.PROGRESSING, verdict.reason(), ""))
                                .derive())
                .build();
    }

    private static boolean isCommitted(DatasetStatus status, long generation) {
        return status.conditions().stream()
                .anyMatch(condition -> condition.type().equals(COMMITTED)
                        && condition.holds()
                        && Long.valueOf(generation).equals(condition.observedGeneration()));
    }

    private static DatasetStatus before(DatasetResource dataset) {
        return Objects.requireNonNullElseGet(dataset.getStatus(), DatasetStatus::empty);
    }
}
