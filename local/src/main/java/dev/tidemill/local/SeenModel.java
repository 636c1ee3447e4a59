package dev.tidemill.local;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.api.TrainedModel;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.dataflow.TrainingProgress;
import java.time.Clock;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is seen of a Model on this machine; its status is what a cluster would show of it.
 *
 * @param serving whether its server answers
 * @param url where, or null
 * @param version of the artifact that is served, or null
 * @param failure of the last try to serve, or null
 * @param learned what its training has come to, or null
 * @param drifted what came of comparing live data, or null
 * @param drift the figures of that
 */
record SeenModel(
        Model model,
        Verdict serving,
        @Nullable String url,
        @Nullable String version,
        ModelStatus.@Nullable LastFailure failure,
        @Nullable Learned learned,
        @Nullable Verdict drifted,
        ModelStatus.@Nullable Drift drift) {

    /** Its type is that of a cluster. */
    private static final String DEPLOYED = "Deployed";

    private static final Pattern WORDS = Pattern.compile("([A-Z][A-Za-z]+): (.+)", Pattern.DOTALL);

    static SeenModel declared(Model model) {
        Verdict waits = model.spec().train() == null
                ? Verdict.unknown(DEPLOYED, "Loading", "its server is being started")
                : Verdict.unknown(DEPLOYED, "Training", "it is served when it is trained");
        return new SeenModel(model, waits, null, null, null, null, null, null);
    }

    /** The same, declared again. */
    SeenModel as(Model fresh) {
        return new SeenModel(fresh, serving, url, version, failure, learned, drifted, drift);
    }

    SeenModel serves(String address, String artifact) {
        return new SeenModel(model, Verdict.yes(DEPLOYED, "Serving"), address, artifact, null, learned, drifted, drift);
    }

    SeenModel fails(String why) {
        ModelStatus.LastFailure last = failure(why);
        return url == null
                ? new SeenModel(
                        model, Verdict.no(DEPLOYED, reason(last), why), null, version, last, learned, drifted, drift)
                : new SeenModel(model, serving, url, version, last, learned, drifted, drift);
    }

    private static String reason(ModelStatus.LastFailure last) {
        return last.reason() == null ? "ModelNotReady" : last.reason();
    }

    /** The server's last words begin with a reason. */
    private ModelStatus.LastFailure failure(String why) {
        Matcher words = WORDS.matcher(why);
        ModelSpec.Source source = model.spec().source();
        return new ModelStatus.LastFailure(
                source == null ? null : "s3://" + source.bucket() + "/" + source.key(),
                words.matches() ? words.group(1) : null,
                words.matches() ? words.group(2) : why);
    }

    /** The run is over, and its server with it. */
    SeenModel ended() {
        return new SeenModel(model, serving, null, version, failure, learned, drifted, drift);
    }

    /** What the rounds have come to so far, and in the end. */
    record Learned(DatasetStatus rounds, @Nullable TrainedModel made) {}

    SeenModel learned(Learned more) {
        return new SeenModel(model, serving, url, version, failure, more, drifted, drift);
    }

    SeenModel compared(Verdict verdict, ModelStatus.@Nullable Drift figures) {
        return new SeenModel(model, serving, url, version, failure, learned, verdict, figures);
    }

    /** Why its training ended without a model, where no earlier one answers; null if it did not. */
    @Nullable
    String untrained() {
        DatasetStatus of = rounds();
        Condition ready = of == null ? null : Condition.find(of.conditions(), Condition.READY);
        return url != null || ready == null || ready.status() != Condition.Status.False
                ? null
                : "model %s could not be trained: %s: %s"
                        .formatted(model.metadata().name(), ready.reason(), ready.message());
    }

    /** @param before the status that was written last */
    ModelStatus status(ModelStatus before, Clock clock) {
        Long generation = model.metadata().generation();
        Conditions conditions = Conditions.of(clock, generation, before.conditions());
        TrainingProgress progress = model.spec().train() == null ? null : progress(before);
        if (progress != null) {
            conditions.requires(progress.verdict());
        }
        conditions.requires(serving);
        if (progress != null) {
            progress.notes().forEach(conditions::notes);
        }
        if (model.spec().drift() != null) {
            conditions.notes(
                    drifted == null
                            ? Verdict.unknown(Drift.DRIFTED, "NothingToCompare", "one of the two has no profile yet")
                            : drifted);
        }
        return new ModelStatus(
                generation,
                conditions.derive(),
                url,
                version == null ? null : new ModelStatus.Versions(version, null),
                failure,
                null,
                progress == null ? null : training(before, progress),
                drift);
    }

    private TrainingProgress progress(ModelStatus before) {
        Long generation = model.metadata().generation();
        DatasetStatus of = rounds();
        if (of == null && serving.status() == Condition.Status.False) {
            Verdict never = Verdict.no(TrainingProgress.TRAINED, serving.reason(), serving.message());
            return TrainingProgress.waiting(before, generation, never);
        }
        TrainedModel made = of == null || learned == null ? null : learned.made();
        return TrainingProgress.of(
                before,
                generation,
                of,
                made == null ? null : ModelStatus.Made.of(made, made.artifact().store()));
    }

    private ModelStatus.@Nullable Training training(ModelStatus before, TrainingProgress progress) {
        DatasetStatus of = rounds();
        return of == null ? before.training() : new ModelStatus.Training(of.revision(), of.items(), progress.made());
    }

    /** The status of its rounds, if it is of this very spec. */
    private @Nullable DatasetStatus rounds() {
        return learned != null
                        && Objects.equals(
                                learned.rounds().observedGeneration(),
                                model.metadata().generation())
                ? learned.rounds()
                : null;
    }
}
