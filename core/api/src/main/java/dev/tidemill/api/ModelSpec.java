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
@ValidationRule(value = "size(self.inputs) == 1 || !self.inputs.exists(i, has(i.image))", message = Rules.IMAGE_ALONE)
@ValidationRule(
        value = "self.outputs.all(o, !has(o.image) && (!has(o.columns) || size(o.columns) == 0))",
        message = Rules.OUTPUTS_ARE_GIVEN)
@ValidationRule(
        value = "!has(self.drift) || has(self.train) || has(self.drift.baseline)",
        message = Rules.DRIFT_BASELINE)
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

        @JsonPropertyDescription(
                "What a pod asks for and may use: of CPU and memory, each where nothing is said of it, requests of 250m and 1Gi and a limit of 4Gi. The accelerator comes beside it.")
        PodResources resources,

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
        resources = Objects.requireNonNullElse(resources, PodResources.NONE);
        nodeSelector = Defaults.map(nodeSelector);
        tolerations = Defaults.list(tolerations);
    }

    /** What is served of one that was made and stored. Its drift is no matter of the server, which would miss a baseline. */
    public ModelSpec made(Source artifact) {
        return new ModelSpec(
                format,
                artifact,
                null,
                inputs,
                outputs,
                batch,
                canaryPercent,
                null,
                scale,
                accelerator,
                resources,
                nodeSelector,
                tolerations);
    }

    /** The same on another accelerator, or on none. */
    public ModelSpec on(@Nullable Accelerator other) {
        return new ModelSpec(
                format,
                source,
                train,
                inputs,
                outputs,
                batch,
                canaryPercent,
                drift,
                scale,
                other,
                resources,
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
    @ValidationRule(value = "self.shape.all(n, n == -1 || n > 0)", message = Rules.SHAPE)
    @ValidationRule(
            value = "!has(self.image) || (size(self.shape) == 4 && self.shape[0] == -1"
                    + " && self.shape[1] > 0 && self.shape[2] > 0 && self.shape[3] > 0"
                    + " && self.shape[self.image.layout == 'ChannelsLast' ? 3 : 1] in [1, 3])",
            message = Rules.IMAGE_SHAPE)
    @ValidationRule(
            value = "!has(self.image) || self.datatype in ['UINT8', 'FP16', 'FP32', 'FP64']",
            message = Rules.IMAGE_DATATYPE)
    @ValidationRule(
            value =
                    "!has(self.image) || size(self.shape) != 4"
                            + " || ((!has(self.image.mean) || size(self.image.mean) == self.shape[self.image.layout == 'ChannelsLast' ? 3 : 1])"
                            + " && (!has(self.image.std) || size(self.image.std) == self.shape[self.image.layout == 'ChannelsLast' ? 3 : 1]))",
            message = Rules.IMAGE_CHANNELS)
    @ValidationRule(
            value = "!has(self.image) || !has(self.image.shorterSide) || size(self.shape) != 4"
                    + " || (self.image.shorterSide >= self.shape[2]"
                    + " && self.image.shorterSide >= self.shape[self.image.layout == 'ChannelsLast' ? 1 : 3])",
            message = Rules.IMAGE_SHORTER_SIDE)
    @ValidationRule(value = "!has(self.image) || !has(self.columns)", message = Rules.IMAGE_OR_COLUMNS)
    public record Tensor(
            @JsonPropertyDescription("Its name in requests and replies.") @Required
            String name,

            @JsonPropertyDescription("The type of its elements.") @Required
            Datatype datatype,

            @JsonPropertyDescription("Its dimensions; -1 is any size, as of a batch; none are a single number.")
            @JsonInclude(JsonInclude.Include.ALWAYS)
            @Required
            @Size(max = 16)
            List<Long> shape,

            @JsonPropertyDescription("Of an input: the columns of a Dataset that fill it, as globs, such as pixel_*.")
            List<String> columns,

            @JsonPropertyDescription("Of an input: how the JPEGs and PNGs of a Dataset fill it, one a row.") @Nullable
            Image image) {

        public Tensor {
            shape = Defaults.list(shape);
            columns = Defaults.list(columns);
        }

        /** One that columns fill, or nothing but requests. */
        public Tensor(String name, Datatype datatype, List<Long> shape, List<String> columns) {
            this(name, datatype, shape, columns, null);
        }
    }

    /**
     * How an image becomes numbers: brought to the input's size, divided, the mean taken off, divided by the standard deviation. UINT8
     * takes the samples as they are.
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value = "(!has(self.mean) || self.mean.all(m, double(m) > -1000000000.0 && double(m) < 1000000000.0))"
                    + " && (!has(self.std) || self.std.all(s, double(s) > 0.0 && double(s) < 1000000000.0))",
            message = Rules.IMAGE_NUMBERS)
    public record Image(
            @JsonPropertyDescription(
                    "ChannelsFirst for [-1, channels, height, width], ChannelsLast for [-1, height, width, channels].")
            @Default("ChannelsFirst")
            Layout layout,

            @JsonPropertyDescription(
                    "Pixels that the shorter side is brought to before the middle is cut out; where left out, the image is stretched.")
            @Min(1)
            @Max(16_384)
            @Nullable
            Integer shorterSide,

            @JsonPropertyDescription("What samples from 0 to 255 are divided by, as text.")
            @Default("255")
            @Pattern("^[0-9]{1,9}(\\.[0-9]{1,18})?$")
            @ValidationRule(value = "double(self) > 0.0", message = Rules.IMAGE_DIVISOR)
            String divisor,

            @JsonPropertyDescription("What is then taken off, for each channel, as text.") @Size(max = 3)
            List<String> mean,

            @JsonPropertyDescription("What is then divided by, for each channel, as text.") @Size(max = 3)
            List<String> std) {

        public Image {
            layout = Objects.requireNonNullElse(layout, Layout.ChannelsFirst);
            divisor = Objects.requireNonNullElse(divisor, "255");
            mean = Defaults.list(mean);
            std = Defaults.list(std);
        }

        /** Where the channels of such an input are in its shape. */
        int channelsAt() {
            return layout == Layout.ChannelsFirst ? 1 : 3;
        }
    }

    /** Which dimension of an input that images fill has the channels. */
    public enum Layout {
        ChannelsFirst,
        ChannelsLast
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
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Drift(
            @JsonPropertyDescription("The Dataset of live inputs, in the same namespace.") @Required
            String dataset,

            @JsonPropertyDescription("How far the distributions may lie apart, between 0 and 1, as text.")
            @Required
            @Pattern("^[0-9]{1,3}(\\.[0-9]{1,18})?$")
            @ValidationRule(value = "double(self) <= 1.0", message = Rules.DRIFT_THRESHOLD)
            String threshold,

            @JsonPropertyDescription(
                    "The Dataset that the live one is compared with, in the same namespace; what the model was trained on where left out.")
            @Nullable
            String baseline) {}

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
