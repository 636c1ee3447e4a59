package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.dataflow.Course.Phase;
import dev.tidemill.dataflow.Course.Shortage;
import dev.tidemill.dataflow.Permits.Loan;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a Dataset's status says. {@code Ready} means that a revision of the current generation is committed; work on newer input is
 * {@code Progressing} and leaves it; what failed, but not so badly as to take back a revision, is {@code Degraded}. Pure.
 */
final class DatasetConditions {

    private DatasetConditions() {}

    static DatasetStatus status(
            Course course, Graph.@Nullable Problem problem, @Nullable DatasetStatus before, Instant now) {
        long generation = course.assignment().task().dataset().generation();
        DatasetStatus old = before == null ? DatasetStatus.empty() : before;
        Verdict committed = committed(course, generation, old);
        List<Condition> conditions = Conditions.of(Clock.fixed(now, ZoneOffset.UTC), generation, old.conditions())
                .requires(accepted(problem))
                .requires(committed)
                .notes(progressing(course, problem, committed, old))
                .notes(degraded(course, committed))
                .derive();
        DatasetStatus.Builder status = old.with().observed(generation, conditions);
        SliceReply reply = course.reply();
        if (reply != null) {
            describe(status, old, reply, now);
        }
        return status.build();
    }

    private static Verdict accepted(Graph.@Nullable Problem problem) {
        return problem == null
                ? Verdict.yes("Accepted", "Accepted")
                : Verdict.no("Accepted", problem.reason(), problem.message());
    }

    private static Verdict committed(Course course, long generation, DatasetStatus before) {
        if (course.committedGeneration() == generation || wasCommitted(before, generation)) {
            return Verdict.yes("Committed", "Committed");
        }
        SliceReply reply = course.reply();
        if (reply != null && hasFailed(reply)) {
            return Verdict.no("Committed", reply.reason(), reply.message());
        }
        if (course.isStalled()) {
            return Verdict.no("Committed", troubleReason(course), troubleMessage(course));
        }
        return Verdict.unknown("Committed", "NotYet", "the first revision of this generation is being made");
    }

    private static boolean wasCommitted(DatasetStatus before, long generation) {
        return before.conditions().stream()
                .anyMatch(condition -> condition.type().equals("Committed")
                        && condition.holds()
                        && Long.valueOf(generation).equals(condition.observedGeneration()));
    }

    private static Verdict progressing(
            Course course, Graph.@Nullable Problem problem, Verdict committed, DatasetStatus before) {
        if (problem != null) {
            return no(Condition.PROGRESSING, problem.reason());
        }
        if (course.assignment().suspended()) {
            return no(Condition.PROGRESSING, "Suspended");
        }
        SliceReply reply = course.reply();
        return switch (course.phase()) {
            case Phase.Idle _ -> no(Condition.PROGRESSING, reply == null ? "Idle" : reply.reason());
            case Phase.Wanting _
            when lacksPermits(course, committed) instanceof Shortage shortage ->
                yes(Condition.PROGRESSING, "WaitingForPermits", shortage.message());
            case Phase.Wanting _, Phase.Running _
            when onlyLooks(course, committed) ->
                no(Condition.PROGRESSING, reply == null ? reasonBefore(before) : reply.reason());
            case Phase.Lost(Loan loan, Instant until) ->
                yes(Condition.PROGRESSING, "ReplyLost", lost(course, loan, until));
            case Phase.Wanting _
            when course.trouble() != null -> yes(Condition.PROGRESSING, troubleReason(course), troubleMessage(course));
            case Phase.Wanting _, Phase.Running _ ->
                reply != null && reply.state() == SliceReply.State.MORE
                        ? yes(Condition.PROGRESSING, reply.reason(), reply.message())
                        : yes(Condition.PROGRESSING, "Running", "");
        };
    }

    /** Not told of a mere look that waits behind work: ten thousand of them would be told of each time. */
    private static @Nullable Shortage lacksPermits(Course course, Verdict committed) {
        Shortage shortage = course.shortage();
        return shortage == null || !shortage.kept() && onlyLooks(course, committed) ? null : shortage;
    }

    private static String lost(Course course, Loan loan, Instant until) {
        String message = troubleMessage(course) + "; the slice may be at work still, and is thought over at "
                + until.truncatedTo(ChronoUnit.SECONDS);
        return loan.functions().isEmpty()
                ? message
                : message
                        + ": until then it keeps its %d permits of %s"
                                .formatted(
                                        loan.share(),
                                        loan.functions().stream()
                                                .map(Permits::named)
                                                .collect(Collectors.joining(" and ")));
    }

    /** What is committed stands, and nothing is known to be different. */
    private static boolean onlyLooks(Course course, Verdict committed) {
        SliceReply reply = course.reply();
        boolean atWork = reply != null && reply.state() == SliceReply.State.MORE
                || course.phase() instanceof Phase.Running(var _, var _, boolean looking) && !looking;
        return committed.status() == Condition.Status.True && course.trouble() == null && !atWork;
    }

    /** A driver that has just started has no reply yet, and knows no better than what was written. */
    private static String reasonBefore(DatasetStatus before) {
        return before.conditions().stream()
                .filter(condition -> condition.type().equals(Condition.PROGRESSING) && !condition.holds())
                .map(Condition::reason)
                .findFirst()
                .orElse("Idle");
    }

    private static Verdict degraded(Course course, Verdict committed) {
        SliceReply reply = course.reply();
        boolean degraded = reply != null && reply.state() == SliceReply.State.DEGRADED;
        boolean stands = committed.status() == Condition.Status.True;
        if (reply != null && (degraded || stands && hasFailed(reply))) {
            return yes(Condition.DEGRADED, reply.reason(), reply.message());
        }
        if (course.isStalled()) {
            return yes(Condition.DEGRADED, troubleReason(course), troubleMessage(course));
        }
        return no(Condition.DEGRADED, "AsExpected");
    }

    private static boolean hasFailed(SliceReply reply) {
        return reply.state() == SliceReply.State.FAILED || reply.state() == SliceReply.State.HELD;
    }

    private static String troubleReason(Course course) {
        SliceReply reply = course.reply();
        return course.trouble() != null || reply == null ? "MaterializerUnreachable" : reply.reason();
    }

    private static String troubleMessage(Course course) {
        SliceReply reply = course.reply();
        String trouble = course.trouble();
        return trouble != null ? trouble : reply == null ? "" : reply.message();
    }

    private static Verdict yes(String type, String reason, String message) {
        return new Verdict(type, Condition.Status.True, reason, message);
    }

    private static Verdict no(String type, String reason) {
        return Verdict.no(type, reason, "");
    }

    private static void describe(DatasetStatus.Builder status, DatasetStatus old, SliceReply reply, Instant now) {
        SliceReply.Items items = reply.items();
        status.items(new DatasetStatus.Items(items.total(), items.running(), items.succeeded(), items.failed()));
        if (reply.revision() == 0) {
            return;
        }
        boolean known = Long.valueOf(reply.revision()).equals(old.revision());
        status.counted(reply.objects(), reply.bytes(), reply.rows())
                .committed(reply.revision(), known ? old.committedAt() : now, reply.manifest());
        if (reply.profileRevision() > 0) {
            status.profiled(
                    reply.profileRevision(),
                    reply.profile(),
                    null,
                    Objects.requireNonNullElse(reply.columns(), List.of()));
        }
        JsonNode result = reply.result();
        if (result != null && !result.isNull()) {
            JsonNode elsewhere = result.path("dataref");
            status.result(elsewhere.isTextual() ? null : result, elsewhere.isTextual() ? elsewhere.asText() : null);
        }
    }
}
