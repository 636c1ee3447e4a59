package dev.tidemill.api;

/**
 * The types of Tidemill's CloudEvents, and who sends them to whom. The data of each is the record named beside it, as JSON; {@code
 * docs/reference/events.md} shows them.
 */
public final class EventTypes {

    /** Materializer to function: work on one shard ({@link ShardData}); the id is the part's. */
    public static final String SHARD = "dev.tidemill.shard";

    /** Materializer to function: reduce parts to one ({@link CombineData}); the id is the part's. */
    public static final String COMBINE = "dev.tidemill.combine";

    /** Materializer to the generator: make one object ({@link GenerateData}); the id is the part's. */
    public static final String GENERATE = "dev.tidemill.generate";

    /** Reply of a function: this input fails for good ({@link FailureData}). */
    public static final String FAILURE = "dev.tidemill.failure";

    /** Reply of a function that wrote its output itself ({@link WrittenData}). */
    public static final String WRITTEN = "dev.tidemill.written";

    /** Anyone who may to the operator: look at a Dataset again ({@link ChangedData}). */
    public static final String DATASET_CHANGED = "dev.tidemill.dataset.changed";

    /** Driver to materializer: work for one slice. */
    public static final String DATASET_MATERIALIZE = "dev.tidemill.dataset.materialize";

    /** Driver to whoever listens: a revision is committed ({@link MaterializedData}). */
    public static final String DATASET_MATERIALIZED = "dev.tidemill.dataset.materialized";

    /** Driver to whoever listens: a run ended without a commit ({@link FailedData}). */
    public static final String DATASET_FAILED = "dev.tidemill.dataset.failed";

    /** Anyone who may to a model: infer. */
    public static final String INFER = "dev.tidemill.infer";

    /** Reply of a model. */
    public static final String INFERRED = "dev.tidemill.inferred";

    /** Driver to the profiler: compare a Model's live data ({@link CompareData}); the reply's data is a {@link DriftData}. */
    public static final String MODEL_COMPARE = "dev.tidemill.model.compare";

    /** Driver to whoever listens: live data has moved away from the training data ({@link DriftData}). */
    public static final String MODEL_DRIFTED = "dev.tidemill.model.drifted";

    /** Before the event name of a store, as in {@code com.amazonaws.s3.ObjectCreated:Put}. */
    public static final String STORE_PREFIX = "com.amazonaws.s3.";

    private EventTypes() {}

    /** The {@code source} of every event that concerns a Dataset: its path in the Kubernetes API, on a laptop too. */
    public static String datasetSource(String namespace, String name) {
        return "/apis/" + Resource.API_VERSION + "/namespaces/" + namespace + "/datasets/" + name;
    }
}
