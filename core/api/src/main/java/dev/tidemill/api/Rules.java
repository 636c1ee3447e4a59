package dev.tidemill.api;

/**
 * What is said when a rule is broken, by the API server (CEL, in the CRDs) and by Validation alike: one text, two judges.
 * Each tells what to do.
 */
final class Rules {

    // Dataset
    static final String ONE_ORIGIN = "exactly one of source, from and generate says where the objects come from";
    static final String ORIGIN_FIXED =
            "a Dataset keeps the kind of its origin (source, from or generate): create another Dataset";
    static final String STORE_FIXED = "the store cannot be changed, the ledger lies in it: create another Dataset";
    static final String COMBINE_FIXED =
            "combine cannot be changed, it decides whether the result is objects or one value: create "
                    + "another Dataset";
    static final String OUTPUT_REQUIRED =
            "say in output where the objects are to be written (a Dataset with combine has none)";
    static final String OUTPUT_WITH_COMBINE = "combine gives one value, in status.result: leave output out";
    static final String OUTPUT_WITH_SOURCE = "the objects of a source are there already: leave output out, or use from";
    static final String REPROCESS_WITHOUT_FROM = "reprocess is for a Dataset with from";
    static final String ONE_WORKER = "exactly one of from.function and from.model does the work";
    static final String COMBINE_FUNCTION = "combineFunction needs combine: Tree";
    static final String COMBINE_MODEL = "a model's replies cannot be combined: use from.function";
    static final String ONE_PARTITION =
            "scale and targetBytes exclude each other: either n shards or shards of n bytes";
    static final String GENERATE_OBJECTS = "objects is at most rows: every object holds at least one row";
    static final String GENERATE_FORMAT = "what is generated is written as Csv or JsonLines";
    static final String CHOICE_VALUES = "values are required for distribution Choice, and for it only";
    static final String UNIFORM_RANGE = "min is less than max";
    static final String OUTPUT_PREFIX = "the output has a prefix of its own: it cannot be the whole bucket";
    static final String PREFIX_SLASH = "a prefix does not begin with /";
    static final String RESYNC_SHORT = "resync is at least 5s, the least time between two commits";

    // DataFormat
    static final String CSV_OPTIONS = "csv options need type Csv (or Auto)";

    // Function
    static final String ONE_CODE = "exactly one of image, code and builtin says what runs";
    static final String RUNTIME_IMAGE = "runtimeImage goes with code, and code needs it";
    static final String CAP = "scale.max × scale.concurrency is at most maxConcurrency";
    static final String SCALE_ORDER = "scale.min is at most scale.max";
    static final String BINDING_TARGET = "a binding names either a bucket (with s3Prefix) or a dataset";
    static final String BINDING_STORE = "a dataset brings its own store: leave store out";
    static final String BINDING_WRITE_DATASET = "a dataset can only be read: its ledger says what belongs to it";
    static final String EVENT_ONE = "an event is either a schedule or a filter of a broker";
    static final String TIMEOUT_RANGE = "timeout is between 1s and 15m";
    static final String EVENT_FORMAT_LAMBDA = "eventFormat is for runtime Lambda";
    static final String PROCESSES_LAMBDA =
            "scale.processes is for runtime Lambda, whose processes take one request at a time: use scale.concurrency";
    static final String CODE_HANDLER = "code needs a handler, such as module.function";

    // EnvVar
    static final String ENV_ONE_VALUE = "value and valueFrom exclude each other";
    static final String ENV_ONE_SOURCE =
            "valueFrom has exactly one of secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef";

    // Model
    static final String ONE_MODEL = "exactly one of source and train says where the model comes from";
    static final String TRAINED_FORMAT = "a model that is trained is stored as ONNX";
    static final String TRAIN_TARGET = "target is the column to predict, and KMeans has none";
    static final String DRIFT_BASELINE =
            "a model that was not trained here needs drift.baseline, a Dataset of what it was trained on";
    static final String DRIFT_THRESHOLD = "threshold is between 0 and 1";

    static final String OUTPUTS_ARE_GIVEN = "columns and image fill inputs: leave them out of outputs";

    static final String SHAPE = "a dimension is -1, any size, or more than 0";
    static final String IMAGE_SHAPE =
            "an input of images has the shape [-1, channels, height, width], or the channels last, with 1 or 3 channels";
    static final String IMAGE_DATATYPE = "an input of images is UINT8, FP16, FP32 or FP64";
    static final String IMAGE_CHANNELS = "mean and std have a number for each channel, or none";
    static final String IMAGE_SHORTER_SIDE = "shorterSide is at least the height and the width of the input";
    static final String IMAGE_OR_COLUMNS = "images or columns fill an input, not both";
    static final String IMAGE_ALONE = "a model that takes images has one input";
    static final String IMAGE_NUMBERS = "mean and std are numbers as text below 1000000000, and std is more than 0";
    static final String IMAGE_DIVISOR = "divisor is more than 0";

    // ObjectStore
    static final String STATE_BUCKET_GRANT = "the state bucket holds the ledgers and is never granted";
    static final String STATE_BUCKET_FIXED =
            "stateBucket cannot be changed, the ledgers lie in it: create another ObjectStore";
    static final String CA_NEEDS_TLS = "caSecret needs an endpoint with https";

    private Rules() {}
}
