package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A trained model that is served, with the tensors that it takes and gives. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(value = "has(self.source) != has(self.train)", message = Rules.ONE_MODEL)
@ValidationRule(value = "!has(self.train) || self.format == 'ONNX'", message = Rules.TRAINED_FORMAT)
@ValidationRule(
        value = "!has(self.scale) || !has(self.scale.max) || self.scale.min <= self.scale.max",
        message = Rules.SCALE_ORDER)
public record ModelSpec(
        @JsonPropertyDescription("PyTorch (TorchScript), TensorFlow (a SavedModel) or ONNX.") @Required
        Format format,

        @JsonPropertyDescription("The model as an object.") @Nullable
        Source source,

        @JsonPropertyDescription("How the model is made from a Dataset.") @Nullable
        Train train,

        @JsonPropertyDescription("The tensors that it takes.") @Required @Size(min = 1, max = 64)
        List<Tensor> inputs,

        @JsonPropertyDescription("The tensors that it gives.") @Required @Size(min = 1, max = 64)
        List<Tensor> outputs,

        @JsonPropertyDescription("How requests are gathered.")
        Batch batch,

        @JsonPropertyDescription("How many of a hundred requests the newest version gets while it is tried.")
        @Default("0")
        @Min(0)
        @Max(100)
        Integer canaryPercent,

        @JsonPropertyDescription("What is compared with the training data.") @Nullable
        Drift drift,

        @JsonPropertyDescription("How many pods serve it.") Scale scale,

        @JsonPropertyDescription("The accelerator of each pod; the CPU where left out.") @Nullable
        Accelerator accelerator,

        @JsonPropertyDescription("Labels that a node must have.")
        Map<String, String> nodeSelector,

        @JsonPropertyDescription("Taints of nodes that its pods bear.")
        List<Toleration> tolerations) {

    public ModelSpec {
        Objects.requireNonNull(format, "format");
        inputs = Defaults.list(inputs);
        outputs = Defaults.list(outputs);
        batch = Objects.requireNonNullElse(batch, Batch.DEFAULT);
        canaryPercent = Objects.requireNonNullElse(canaryPercent, 0);
        scale = Objects.requireNonNullElse(scale, Scale.DEFAULT);
        nodeSelector = Defaults.map(nodeSelector);
        tolerations = Defaults.list(tolerations);
    }

    /** The same, made and stored. */
    public ModelSpec made(Source artifact) {
        return new ModelSpec(
                format,
                artifact,
                null,
                inputs,
                outputs,
                batch,
                canaryPercent,
                drift,
                scale,
                accelerator,
                nodeSelector,
                tolerations);
    }

    /** What a model is stored as. */
    public enum Format {
        PyTorch,
        TensorFlow,
        ONNX
    }

    /** The model as an object. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Source(
            @JsonPropertyDescription("The ObjectStore.") @Default(Defaults.STORE)
            String store,

            @JsonPropertyDescription("The bucket.") @Required @Pattern(Bucket.PATTERN) @Size(max = 63)
            String bucket,

            @JsonPropertyDescription("The key.") @Required @Size(min = 1, max = 1024)
            String key,

            @JsonPropertyDescription("The SHA-256 of the object, in hexadecimal; other bytes are not served.")
            @Pattern("^[0-9a-f]{64}$")
            @Nullable
            String sha256) {

        public Source {
            store = Objects.requireNonNullElse(store, Defaults.STORE);
        }
    }

    /** How the model is made from a Dataset. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(value = "(self.algorithm == 'KMeans') != has(self.target)", message = Rules.TRAIN_TARGET)
    public record Train(
            @JsonPropertyDescription("The Dataset to learn from, in the same namespace.") @Required
            String dataset,

            @JsonPropertyDescription("The column to predict; none for KMeans.") @Nullable
            String target,

            @JsonPropertyDescription("How it learns.") @Required
            Algorithm algorithm,

            @JsonPropertyDescription("Settings of the algorithm.")
            List<Parameter> parameters,

            @JsonPropertyDescription(
                    "Where the model goes, as an object that is named after the Model and its content.")
            @Required
            Place output,

            @JsonPropertyDescription("How the Dataset's objects are cut into shards for each round.")
            DatasetSpec.Partition partition,

            @JsonPropertyDescription("Whether it is made again when the Dataset changes.") @Default("Never")
            Retrain retrain) {

        public Train {
            Objects.requireNonNull(dataset, "dataset");
            Objects.requireNonNull(algorithm, "algorithm");
            Objects.requireNonNull(output, "output");
            parameters = Defaults.list(parameters);
            partition = Objects.requireNonNullElse(partition, DatasetSpec.Partition.DEFAULT);
            retrain = Objects.requireNonNullElse(retrain, Retrain.Never);
        }

        /** Once, and cut as a Dataset is that says nothing about it. */
        public Train(
                String dataset,
                @Nullable String target,
                Algorithm algorithm,
                List<Parameter> parameters,
                Place output) {
            this(dataset, target, algorithm, parameters, output, DatasetSpec.Partition.DEFAULT, Retrain.Never);
        }
    }

    /** What can be learned. */
    public enum Algorithm {
        LinearRegression,
        LogisticRegression,
        KMeans,
        NeuralNetwork
    }

    /** A folder of the Dataset's store. */
    public record Place(
            @JsonPropertyDescription("The bucket.") @Required @Pattern(Bucket.PATTERN) @Size(max = 63)
            String bucket,

            @JsonPropertyDescription("The folder in the bucket; a trailing / is understood.")
            @Default("''")
            @Size(max = 200)
            @ValidationRule(value = "!self.startsWith('/')", message = Rules.PREFIX_SLASH)
            String prefix) {

        public Place {
            prefix = Defaults.folder(prefix);
        }

        /** An object in it. */
        public Source object(String key, String sha256) {
            return new Source(Defaults.STORE, bucket, key, sha256);
        }
    }

    /** One setting of a training algorithm; numbers are text. */
    public record Parameter(
            @JsonPropertyDescription("Its name.") @Required String name,

            @JsonPropertyDescription("Its value, as text.") @Required
            String value) {}

    /** Whether a model is made again. */
    public enum Retrain {
        Never,
        OnChange
    }

    /** One tensor; the datatypes are those of the Open Inference Protocol. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Tensor(
            @JsonPropertyDescription("Its name in requests and replies.") @Required
            String name,

            @JsonPropertyDescription("The type of its elements.") @Required
            Datatype datatype,

            @JsonPropertyDescription("Its dimensions; -1 is any size, as of a batch.")
            @Required
            @Size(min = 1, max = 16)
            List<Long> shape,

            @JsonPropertyDescription("The columns of a Dataset that fill an input, as globs, such as pixel_*.")
            List<String> columns) {

        public Tensor {
            shape = Defaults.list(shape);
            columns = Defaults.list(columns);
        }
    }

    /** The element types of the Open Inference Protocol. */
    public enum Datatype {
        BOOL,
        UINT8,
        UINT16,
        UINT32,
        UINT64,
        INT8,
        INT16,
        INT32,
        INT64,
        FP16,
        FP32,
        FP64,
        BF16,
        BYTES
    }

    /** How requests are gathered into one inference. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Batch(
            @JsonPropertyDescription("The most rows in one inference.") @Default("1") @Min(1) @Max(65_536)
            Integer maxSize,

            @JsonPropertyDescription("How long a request waits for others, such as 5ms.")
            @Pattern(TimeSpan.PATTERN)
            @Default("0s")
            TimeSpan maxDelay) {

        static final Batch DEFAULT = new Batch(1, TimeSpan.parse("0s"));

        public Batch {
            maxSize = Objects.requireNonNullElse(maxSize, 1);
            maxDelay = Objects.requireNonNullElseGet(maxDelay, () -> TimeSpan.parse("0s"));
        }
    }

    /** Live data whose distribution is compared with the training data's. */
    public record Drift(
            @JsonPropertyDescription("The Dataset of live inputs, in the same namespace.") @Required
            String dataset,

            @JsonPropertyDescription("How far the distributions may lie apart, between 0 and 1, as text.")
            @Required
            @Pattern("^[0-9]{1,3}(\\.[0-9]{1,18})?$")
            @ValidationRule(value = "double(self) <= 1.0", message = Rules.DRIFT_THRESHOLD)
            String threshold) {}

    /** How many pods serve it. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Scale(
            @JsonPropertyDescription("Pods that stay when nobody asks.") @Default("0") @Min(0) @Max(1000)
            Integer min,

            @JsonPropertyDescription("The most pods.") @Default("1") @Min(1) @Max(1000)
            Integer max) {

        static final Scale DEFAULT = new Scale(0, 1);

        public Scale {
            min = Objects.requireNonNullElse(min, 0);
            max = Objects.requireNonNullElse(max, 1);
        }
    }

    /** An accelerator as Kubernetes knows it. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Accelerator(
            @JsonPropertyDescription("The resource, such as nvidia.com/gpu.")
            @Required
            @Pattern("^[a-z0-9.-]+/[A-Za-z0-9_.-]+$")
            String resource,

            @JsonPropertyDescription("How many for each pod.") @Default("1") @Min(1) @Max(64)
            Integer count) {

        public Accelerator {
            count = Objects.requireNonNullElse(count, 1);
        }
    }
}
