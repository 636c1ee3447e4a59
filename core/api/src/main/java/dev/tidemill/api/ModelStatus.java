package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a Model is seen to be. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ModelStatus(
        @JsonPropertyDescription("The generation of the spec that this describes.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Ready, Progressing and what stands behind them.")
        List<Condition> conditions,

        @JsonPropertyDescription("Where it answers inference requests.") @Nullable
        String url,

        @JsonPropertyDescription("Which versions serve.") @Nullable
        Versions modelState,

        @JsonPropertyDescription("The last failure to load or serve.") @Nullable
        LastFailure lastFailure,

        @JsonPropertyDescription("What it runs on, such as cpu or gpu.") @Nullable
        String device,

        @JsonPropertyDescription("How far its training has come, and what it made.") @Nullable
        Training training,

        @JsonPropertyDescription("How far live data has moved, when it was compared last.") @Nullable
        Drift drift) {

    /** Nothing is seen yet. */
    public static final ModelStatus EMPTY = new ModelStatus(null, List.of(), null, null, null, null, null, null);

    public ModelStatus {
        conditions = Conditions.trimServed(conditions);
    }

    /** The same with other conditions. */
    public ModelStatus with(@Nullable Long generation, List<Condition> observed) {
        return new ModelStatus(generation, observed, url, modelState, lastFailure, device, training, drift);
    }

    /** The versions of a model, each the revision that made it or the digest of its object. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Versions(
            @JsonPropertyDescription("The version that serves.") @Nullable
            String active,

            @JsonPropertyDescription("The version that is being brought up.") @Nullable
            String target) {}

    /** What went wrong last. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record LastFailure(
            @JsonPropertyDescription("The object that could not be used.") @Nullable
            String location,

            @JsonPropertyDescription("The kind of failure, one word.") @Nullable
            String reason,

            @JsonPropertyDescription("What happened and what to do.") @Nullable
            String message) {}

    /** A training in rounds. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Training(
            @JsonPropertyDescription("The rounds that were taken, of all trainings; each is a revision.") @Nullable
            Long revision,

            @JsonPropertyDescription("The work of the round that is being taken.")
            DatasetStatus.@Nullable Items items,

            @JsonPropertyDescription("The model that was made last.") @Nullable
            Made made) {}

    /** A model that was made here. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Made(
            @JsonPropertyDescription("The object.") ModelSpec.Source artifact,

            @JsonPropertyDescription("The Dataset that it learned from.")
            String dataset,

            @JsonPropertyDescription("The revision of that.")
            long revision,

            @JsonPropertyDescription("The rows of that.") long rows,

            @JsonPropertyDescription("The rounds that it took.")
            int rounds,

            @JsonPropertyDescription("Whether more of them would change nothing.")
            boolean converged,

            @JsonPropertyDescription("How well it fits the rows that it learned from.")
            List<Metric> metrics,

            @JsonPropertyDescription("Where the profile of those rows lies.") @Nullable
            String profile) {

        public Made {
            metrics = Defaults.list(metrics);
        }

        /** @param store the one that it lies in */
        public static Made of(TrainedModel made, String store) {
            var artifact = made.artifact();
            return new Made(
                    new ModelSpec.Source(store, artifact.bucket(), artifact.key(), artifact.sha256()),
                    made.dataset(),
                    made.revision(),
                    made.rows(),
                    made.rounds(),
                    made.converged(),
                    made.metrics().entrySet().stream()
                            .sorted(Map.Entry.comparingByKey())
                            .map(metric -> new Metric(
                                    metric.getKey(), metric.getValue().toString()))
                            .toList(),
                    made.profileAddress());
        }
    }

    /** One number. */
    public record Metric(
            @JsonPropertyDescription("Its name.") String name,

            @JsonPropertyDescription("Its value, as text.") String value) {}

    /** Live data against what the model was trained on. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Drift(
            @JsonPropertyDescription("The Dataset of live inputs.")
            String dataset,

            @JsonPropertyDescription("The revision of that.")
            long revision,

            @JsonPropertyDescription("Where its profile lies.")
            String live,

            @JsonPropertyDescription("Where the profile lies that it was compared with.")
            String reference,

            @JsonPropertyDescription("The columns that have moved most, at most ten.")
            List<Moved> columns) {

        private static final int MOST = 10;

        public Drift {
            columns = Defaults.list(columns);
        }

        /** What was asked, and what came of it. */
        public static Drift of(CompareData asked, DriftData found) {
            return new Drift(
                    asked.dataset(),
                    asked.revision(),
                    asked.live(),
                    asked.reference(),
                    found.columns().stream()
                            .limit(MOST)
                            .map(column -> new Moved(
                                    Text.cut(column.name(), DatasetStatus.TEXT_BYTES),
                                    Double.toString(column.psi()),
                                    column.ks() == null ? null : column.ks().toString(),
                                    column.drifted()))
                            .toList());
        }

        /** Whether this came of that. */
        public boolean answers(CompareData asked) {
            return dataset.equals(asked.dataset())
                    && revision == asked.revision()
                    && live.equals(asked.live())
                    && reference.equals(asked.reference());
        }
    }

    /** One column. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Moved(
            @JsonPropertyDescription("Its name.") String name,

            @JsonPropertyDescription("The population stability index, as text.")
            String psi,

            @JsonPropertyDescription("The Kolmogorov–Smirnov statistic, as text.") @Nullable
            String ks,

            @JsonPropertyDescription("Whether it is over the threshold, and no accident of small samples.")
            boolean drifted) {}
}
