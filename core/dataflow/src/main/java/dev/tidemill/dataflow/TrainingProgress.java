package dev.tidemill.dataflow;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.ModelStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rounds of a Model's training mean for the Model; the same on a laptop and on a cluster.
 *
 * @param verdict whether it was made as its spec says
 * @param notes of newer input that is being learned, or could not be
 * @param made the model to be served, or null
 */
public record TrainingProgress(Verdict verdict, List<Verdict> notes, ModelStatus.@Nullable Made made) {

    /** The condition's type. */
    public static final String TRAINED = "Trained";

    /**
     * @param before the Model's status as it was written last, or null
     * @param generation of the Model
     * @param rounds the status of the Dataset whose revisions are the rounds, of that generation; null until there is one
     * @param fresh what they have come to, if they have
     */
    public static TrainingProgress of(
            @Nullable ModelStatus before,
            @Nullable Long generation,
            @Nullable DatasetStatus rounds,
            ModelStatus.@Nullable Made fresh) {
        ModelStatus.Made made = fresh == null ? lastMade(before) : fresh;
        List<Verdict> notes = rounds == null
                ? List.of()
                : rounds.conditions().stream()
                        .filter(condition -> condition.type().equals(Condition.PROGRESSING)
                                || condition.type().equals(Condition.DEGRADED))
                        .map(condition -> new Verdict(
                                condition.type(), condition.status(), condition.reason(), condition.message()))
                        .toList();
        if (made != null && (fresh != null || wasTrained(before, generation))) {
            return new TrainingProgress(Verdict.yes(TRAINED, TRAINED), notes, made);
        }
        return new TrainingProgress(
                rounds == null
                        ? Verdict.unknown(TRAINED, "Training", "the first round is being prepared")
                        : underWay(rounds),
                notes,
                made);
    }

    /** Nothing computes its rounds yet. */
    public static TrainingProgress waiting(@Nullable ModelStatus before, @Nullable Long generation, Verdict waits) {
        ModelStatus.Made made = lastMade(before);
        return new TrainingProgress(
                made != null && wasTrained(before, generation) ? Verdict.yes(TRAINED, TRAINED) : waits,
                List.of(),
                made);
    }

    public boolean done() {
        return verdict.status() == Status.True;
    }

    private static ModelStatus.@Nullable Made lastMade(@Nullable ModelStatus before) {
        return before == null || before.training() == null
                ? null
                : before.training().made();
    }

    /** For this very spec; a round over newer rows leaves it so. */
    private static boolean wasTrained(@Nullable ModelStatus before, @Nullable Long generation) {
        Condition trained = before == null ? null : Condition.find(before.conditions(), TRAINED);
        return trained != null
                && trained.holds()
                && generation != null
                && generation.equals(trained.observedGeneration());
    }

    private static Verdict underWay(DatasetStatus rounds) {
        Condition ready = rounds.conditions().getFirst();
        if (ready.status() == Status.False) {
            return Verdict.no(TRAINED, ready.reason(), ready.message());
        }
        DatasetStatus.Items items = rounds.items();
        return Verdict.unknown(
                TRAINED,
                "Training",
                "%d rounds were taken%s"
                        .formatted(
                                rounds.revision() == null ? 0 : rounds.revision(),
                                items == null || items.total() == 0
                                        ? ""
                                        : ", of the next one %d of %d pieces of work"
                                                .formatted(items.succeeded(), items.total())));
    }
}
