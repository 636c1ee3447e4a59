package dev.tidemill.operator.serving;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.Violation;
import dev.tidemill.operator.store.Opening;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What is to be done for a Function or a Model, decided from what is there. */
public sealed interface ServingPlan {

    /** The condition that says whether it can be served at all. */
    String ACCEPTED = "Accepted";

    /** Nothing, until somebody mends what the verdict says. */
    record Refuse(Verdict verdict) implements ServingPlan {}

    /** Leave it as it is until what it needs is known again: what is served goes on being served. */
    record Wait(Verdict verdict) implements ServingPlan {}

    /**
     * Serve it.
     *
     * @param store the one that its data lies in; null when it has none
     * @param openings what its credentials open
     * @param data becomes {@code FUNCTION_DATA}
     */
    record Deploy(@Nullable String store, List<Opening> openings, SequencedMap<String, S3Prefix> data)
            implements ServingPlan {}

    static Refuse refuse(String reason, String message) {
        return new Refuse(Verdict.no(ACCEPTED, reason, message));
    }

    static Refuse notYetSupported(Violation violation) {
        return refuse(NotYetSupported.REASON, violation.path() + " " + violation.message());
    }
}
