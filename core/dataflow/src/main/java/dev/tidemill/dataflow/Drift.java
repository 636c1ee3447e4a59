package dev.tidemill.dataflow;

import dev.tidemill.api.CompareData;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.DriftData;
import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.Resource;
import dev.tidemill.api.TensorColumns;
import dev.tidemill.dataflow.internal.ledger.Digests;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.profile.ColumnDrift;
import dev.tidemill.profile.Profile;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether a Model's live inputs have moved away from what it was trained on: compared, as a condition, as an event. */
public final class Drift {

    /** The condition's type. */
    public static final String DRIFTED = "Drifted";

    private static final int MOST_COLUMNS = 100;
    private static final int TOLD = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Drift() {}

    /** It could not be compared for now; the message says why. */
    public static final class NotComparedException extends Exception {
        NotComparedException(String message) {
            super(message);
        }
    }

    /**
     * What is to be compared now; empty while one of the profiles is missing.
     *
     * @param datasets the status of each by name, or null
     * @param trainedOn the address of the profile of what the model was trained on, or null
     */
    public static Optional<CompareData> due(
            Model model, Function<String, @Nullable DatasetStatus> datasets, @Nullable String trainedOn) {
        ModelSpec.Drift drift = model.spec().drift();
        DatasetStatus live = drift == null ? null : datasets.apply(drift.dataset());
        if (drift == null || live == null) {
            return Optional.empty();
        }
        String profile = live.profile();
        Long revision = live.profileRevision();
        DatasetStatus baseline = drift.baseline() == null ? null : datasets.apply(drift.baseline());
        String reference = drift.baseline() == null ? trainedOn : baseline == null ? null : baseline.profile();
        if (profile == null || revision == null || reference == null) {
            return Optional.empty();
        }
        return Optional.of(new CompareData(
                Objects.requireNonNullElse(model.metadata().namespace(), "default"),
                model.metadata().name(),
                model.spec().inputs(),
                drift.threshold(),
                drift.dataset(),
                revision,
                profile,
                reference));
    }

    /** Has a profiler compare. */
    public static DriftData ask(FunctionClient client, URI profiler, CompareData asked)
            throws NotComparedException, InterruptedException {
        return switch (client.call(profiler, question(asked), PATIENCE)) {
            case FunctionClient.Reply.Result result -> read(result.body());
            case FunctionClient.Reply.Final(var failure) -> throw new NotComparedException(failure.message());
            case FunctionClient.Reply.Transient other -> throw new NotComparedException(other.message());
            case FunctionClient.Reply.TimedOut late -> throw new NotComparedException("no answer in " + late.after());
            case FunctionClient.Reply.NoCapacity none -> throw new NotComparedException(none.message());
        };
    }

    private static DriftData read(byte[] json) throws NotComparedException {
        try {
            return dev.tidemill.api.Json.mapper().readValue(json, DriftData.class);
        } catch (IOException e) {
            throw new NotComparedException("the profiler's answer is not readable: " + e.getMessage());
        }
    }

    /** Compares the columns that the Model takes; in live data that lacks one of them, those that there are. */
    public static DriftData compare(CompareData asked, Profile reference, Profile live) {
        double threshold = Double.parseDouble(asked.threshold());
        List<ColumnDrift> all = reference.driftTo(live);
        Set<String> taken =
                taken(asked.inputs(), all.stream().map(ColumnDrift::name).toList());
        return new DriftData(
                asked.namespace(),
                asked.model(),
                asked.dataset(),
                asked.revision(),
                live.rows(),
                reference.rows(),
                asked.threshold(),
                all.stream()
                        .filter(column -> taken.contains(column.name()))
                        .sorted(Comparator.comparingDouble(ColumnDrift::psi).reversed())
                        .limit(MOST_COLUMNS)
                        .map(column -> new DriftData.Column(
                                column.name(), column.psi(), column.ks(), column.isBeyond(threshold)))
                        .toList());
    }

    private static Set<String> taken(List<ModelSpec.Tensor> inputs, List<String> names) {
        Set<String> taken = new HashSet<>();
        for (ModelSpec.Tensor input : inputs) {
            for (int position : TensorColumns.matching(input, names)) {
                taken.add(names.get(position));
            }
        }
        return taken;
    }

    /** The condition {@value #DRIFTED}. */
    public static Verdict condition(DriftData found) {
        List<DriftData.Column> drifted = found.drifted();
        String against = "dataset %s, revision %d, %d rows, against %d rows"
                .formatted(found.dataset(), found.revision(), found.rows(), found.referenceRows());
        if (drifted.isEmpty()) {
            return Verdict.no(DRIFTED, found.columns().isEmpty() ? "NothingToCompare" : "AsTrained", against);
        }
        String columns = drifted.stream()
                .limit(TOLD)
                .map(column -> String.format(Locale.ROOT, "%s (%.3g)", column.name(), column.psi()))
                .collect(Collectors.joining(", "));
        return new Verdict(
                DRIFTED,
                dev.tidemill.api.Condition.Status.True,
                "OverThreshold",
                "%d of %d columns have moved by more than %s: %s%s; %s"
                        .formatted(
                                drifted.size(),
                                found.columns().size(),
                                found.threshold(),
                                columns,
                                drifted.size() > TOLD ? " and more" : "",
                                against));
    }

    /** The event, if there is anything to tell; a repetition has the same id. */
    public static Optional<FunctionClient.Event> event(DriftData found) {
        if (found.drifted().isEmpty()) {
            return Optional.empty();
        }
        String source =
                "/apis/" + Resource.API_VERSION + "/namespaces/" + found.namespace() + "/models/" + found.model();
        return Optional.of(event(
                EventTypes.MODEL_DRIFTED, source + " " + found.dataset() + " " + found.revision(), source, found));
    }

    /** What asks a profiler to compare. */
    private static FunctionClient.Event question(CompareData asked) {
        String source =
                "/apis/" + Resource.API_VERSION + "/namespaces/" + asked.namespace() + "/models/" + asked.model();
        return event(EventTypes.MODEL_COMPARE, source + " " + asked.live() + " " + asked.reference(), source, asked);
    }

    private static FunctionClient.Event event(String type, String identity, String source, Object data) {
        return new FunctionClient.Event(
                Digests.hex(type + " " + identity),
                source,
                type,
                null,
                "application/json",
                Map.of(EventExtensions.PARTITION_KEY, source),
                Json.bytes(data));
    }
}
