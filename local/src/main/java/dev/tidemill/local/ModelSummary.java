package dev.tidemill.local;

import dev.tidemill.api.Condition;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.local.report.Cells;
import dev.tidemill.local.report.DriftTable;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** What came of a Model, for a person. Why one is not ready is said elsewhere. */
final class ModelSummary {

    private static final int DIGEST = "sha256:".length() + 12;

    private ModelSummary() {}

    static void print(String name, ModelStatus status, PrintStream out) {
        Condition ready = Condition.find(status.conditions(), Condition.READY);
        if (ready != null && ready.holds()) {
            out.println();
            out.println("model/" + name + " is ready" + version(status));
            ModelStatus.Made made =
                    status.training() == null ? null : status.training().made();
            if (made != null) {
                out.println(learned(made));
                out.println("its artifact is s3://" + made.artifact().bucket() + "/"
                        + made.artifact().key());
            }
            Condition degraded = Condition.find(status.conditions(), Condition.DEGRADED);
            if (degraded != null && degraded.holds()) {
                out.println("but what is newer could not be learned: " + degraded.message());
            }
        }
        Condition drifted = Condition.find(status.conditions(), Drift.DRIFTED);
        if (drifted != null) {
            out.println("drift of model/" + name + ": " + drifted.reason() + ": " + drifted.message());
        }
        if (status.drift() != null) {
            out.print(DriftTable.of(status.drift().columns()));
        }
    }

    private static String version(ModelStatus status) {
        return status.modelState() == null ? "" : ": version " + shortVersion(status);
    }

    /** A digest as far as it tells one artifact from another. */
    static String shortVersion(ModelStatus status) {
        String version = status.modelState() == null
                ? ""
                : Objects.toString(status.modelState().active(), "");
        return version.length() <= DIGEST ? version : version.substring(0, DIGEST);
    }

    private static String counted(long n, String what) {
        return String.format(Locale.ROOT, n == 1 ? "%,d %s" : "%,d %ss", n, what);
    }

    private static String learned(ModelStatus.Made made) {
        String metrics = made.metrics().stream()
                .map(metric -> metric.name() + " " + Cells.value(Double.valueOf(metric.value())))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "learned from %s, revision %d: %s, %s%s; %s",
                made.dataset(),
                made.revision(),
                counted(made.rows(), "row"),
                counted(made.rounds(), "round"),
                made.converged() ? "" : ", not converged",
                metrics);
    }
}
