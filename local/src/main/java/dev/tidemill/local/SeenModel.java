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
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
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
 * @param rounds the status of the Dataset that its training is, or null
 * @param drifted what came of comparing live data, or null
 * @param drift the figures of that
 */
record SeenModel(
        Model model,
        Verdict serving,
        @Nullable String url,
        @Nullable String version,
        ModelStatus.@Nullable LastFailure failure,
        @Nullable DatasetStatus rounds,
        @Nullable Verdict drifted,
        ModelStatus.@Nullable Drift drift) {

    /** Its type is that of a cluster. */
    private static final String DEPLOYED = "Deployed";

    private static final String TRAINED = "Trained";
    private static final Pattern WORDS = Pattern.compile("([A-Z][A-Za-z]+): (.+)", Pattern.DOTALL);

    static SeenModel declared(Model model) {
        Verdict waits = model.spec().train() == null
                ? Verdict.unknown(DEPLOYED, "Loading", "its server is being started")
                : Verdict.unknown(DEPLOYED, "Training", "it is served when it is trained");
        return new SeenModel(model, waits, null, null, null, null, null, null);
    }

    /** The same, declared again. */
    SeenModel as(Model fresh) {
        return new SeenModel(fresh, serving, url, version, failure, rounds, drifted, drift);
    }

    SeenModel serves(String address, String artifact) {
        return new SeenModel(model, Verdict.yes(DEPLOYED, "Serving"), address, artifact, null, rounds, drifted, drift);
    }

    SeenModel fails(String why) {
        ModelStatus.LastFailure last = failure(why);
        return url == null
                ? new SeenModel(
                        model, Verdict.no(DEPLOYED, reason(last), why), null, version, last, rounds, drifted, drift)
                : new SeenModel(model, serving, url, version, last, rounds, drifted, drift);
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
        return new SeenModel(model, serving, null, version, failure, rounds, drifted, drift);
    }

    SeenModel learned(DatasetStatus status) {
        return new SeenModel(model, serving, url, version, failure, status, drifted, drift);
    }

    SeenModel compared(Verdict verdict, ModelStatus.@Nullable Drift figures) {
        return new SeenModel(model, serving, url, version, failure, rounds, verdict, figures);
    }

    /** @param before the status that was written last */
    ModelStatus status(ModelStatus before, Clock clock) {
        Long generation = model.metadata().generation();
        Conditions conditions = Conditions.of(clock, generation, before.conditions());
        ModelStatus.Training training = training(before);
        if (model.spec().train() != null) {
            conditions.requires(trained(before, training));
        }
        conditions.requires(serving);
        if (rounds != null) {
            rounds.conditions().stream()
                    .filter(condition -> condition.type().equals(Condition.PROGRESSING)
                            || condition.type().equals(Condition.DEGRADED))
                    .map(condition ->
                            new Verdict(condition.type(), condition.status(), condition.reason(), condition.message()))
                    .forEach(conditions::notes);
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
                training,
                drift);
    }

    /** The model that was made last stays there while another one is made. */
    private ModelStatus.@Nullable Training training(ModelStatus before) {
        if (model.spec().train() == null || rounds == null) {
            return model.spec().train() == null ? null : before.training();
        }
        ModelStatus.Made made = TrainedModel.of(rounds)
                .map(fresh -> ModelStatus.Made.of(fresh, fresh.artifact().store()))
                .or(() -> Optional.ofNullable(before.training()).map(ModelStatus.Training::made))
                .orElse(null);
        return new ModelStatus.Training(rounds.revision(), rounds.items(), made);
    }

    /** About this very spec; rounds over newer rows leave it so. */
    private Verdict trained(ModelStatus before, ModelStatus.@Nullable Training training) {
        boolean made = training != null
                && training.made() != null
                && (rounds != null && TrainedModel.of(rounds).isPresent() || wasTrained(before));
        if (made) {
            return Verdict.yes(TRAINED, TRAINED);
        }
        if (rounds == null) {
            return serving.status() == Condition.Status.False
                    ? Verdict.no(TRAINED, serving.reason(), serving.message())
                    : Verdict.unknown(TRAINED, "Training", "the first round is being prepared");
        }
        Condition ready = rounds.conditions().getFirst();
        return ready.status() == Condition.Status.False
                ? Verdict.no(TRAINED, ready.reason(), ready.message())
                : Verdict.unknown(
                        TRAINED,
                        "Training",
                        "%d rounds were taken".formatted(rounds.revision() == null ? 0 : rounds.revision()));
    }

    private boolean wasTrained(ModelStatus before) {
        return before.conditions().stream()
                .anyMatch(condition -> condition.type().equals(TRAINED)
                        && condition.holds()
                        && Objects.equals(
                                condition.observedGeneration(), model.metadata().generation()));
    }
}
