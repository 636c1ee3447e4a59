package dev.tidemill.dataflow;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Json;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.TrainData;
import dev.tidemill.dataflow.Task.Input;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Resolves what a Dataset names into what the driver can work with. Pure; the command and the operator share it. */
public final class Assignments {

    private final String cluster;
    private final String namespace;
    private final Surroundings surroundings;

    /** What a Dataset can name. */
    public interface Surroundings {
        /** A function that is ready to be called, or empty when there is none of that name. */
        Optional<Callee> callee(String function);

        Optional<Function> function(String name);

        /** A model that is ready to be called, or empty when there is none of that name. */
        Optional<Callee> model(String name);

        Optional<Dataset> dataset(String name);

        Callee profiler();

        Callee generator();

        /** The state bucket of a store. */
        String stateBucket(String store);

        /** The endpoint of each store, by name. */
        Map<String, String> endpoints();
    }

    public Assignments(String cluster, String namespace, Surroundings surroundings) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.surroundings = surroundings;
    }

    /**
     * The assignment of one Dataset, whose metadata has UID and generation.
     *
     * @throws UnresolvedException if something that it names is not there
     */
    public Assignment of(Dataset dataset) {
        DatasetSpec spec = dataset.spec();
        return switch (spec.origin()) {
            case DatasetSpec.Source source ->
                assignment(
                        dataset,
                        new Input.Listing(source.bucket(), source.prefix(), source.include(), source.exclude()),
                        null,
                        null);
            case DatasetSpec.Generate generate ->
                assignment(dataset, new Input.Generated(generate), surroundings.generator(), null);
            case DatasetSpec.From from -> {
                Callee function = from.function() == null ? model(from.model()) : callee(from.function());
                Callee combine = from.combine() == DatasetSpec.Combine.None
                        ? null
                        : from.combineFunction() == null ? function : callee(from.combineFunction());
                yield assignment(dataset, new Input.Committed(parent(from.dataset())), function, combine);
            }
        };
    }

    /**
     * The assignment of {@link #training}'s Dataset: a Model's training.
     *
     * @param learner what computes its rounds
     * @throws UnresolvedException if its Dataset is not there
     */
    public Assignment ofTraining(Dataset training, Model model, Callee learner) {
        ModelSpec.Train train = Objects.requireNonNull(model.spec().train());
        Callee told = new Callee(learner.target().told(Json.mapper().valueToTree(TrainData.of(model))), learner.cap());
        return assignment(training, new Input.Committed(parent(train.dataset())), told, told);
    }

    /**
     * The Dataset whose revisions are the rounds of a Model's training, and whose value is what it comes to, named {@code
     * <model>-training}. It is of no kind that can be declared; it is as old as the Model, and of its generation.
     *
     * @param parent the Dataset to learn from
     */
    public static Dataset training(Model model, Dataset parent) {
        ModelSpec.Train train = Objects.requireNonNull(model.spec().train());
        Metadata owner = model.metadata();
        return new Dataset(
                new Metadata(
                        trainingName(owner.name()),
                        owner.namespace(),
                        Map.of(),
                        Map.of(),
                        owner.uid(),
                        owner.generation(),
                        owner.creationTimestamp()),
                Json.mapper()
                        .convertValue(
                                Map.of(
                                        "store",
                                        parent.spec().store(),
                                        "from",
                                        Map.of(
                                                "dataset", train.dataset(),
                                                "model", model.metadata().name(),
                                                "combine", DatasetSpec.Combine.Tree),
                                        "format",
                                        shown(parent.spec()),
                                        "partition",
                                        // One function sees all rows of an epoch.
                                        train.algorithm() == ModelSpec.Algorithm.NeuralNetwork
                                                ? Map.of("scale", 1)
                                                : train.partition(),
                                        "reprocess",
                                        train.retrain() == ModelSpec.Retrain.OnChange
                                                ? DatasetSpec.Reprocess.OnChange
                                                : DatasetSpec.Reprocess.Never),
                                DatasetSpec.class));
    }

    /** What the Dataset of a Model's training is called. */
    public static String trainingName(String model) {
        return model + "-training";
    }

    /** How the objects are read that a Dataset shows. */
    private static DataFormat shown(DatasetSpec spec) {
        DatasetSpec.Output output = spec.output();
        if (output == null) {
            return spec.format();
        }
        return output.format() == null ? DataFormat.AUTO : DataFormat.of(output.format());
    }

    private static boolean isTraining(DatasetSpec spec) {
        return spec.from() != null && spec.from().model() != null && spec.from().combine() == DatasetSpec.Combine.Tree;
    }

    private Assignment assignment(Dataset dataset, Input input, @Nullable Callee function, @Nullable Callee combine) {
        DatasetSpec spec = dataset.spec();
        Callee profiler = isProfiled(spec) ? surroundings.profiler() : null;
        Task task = Task.of(cluster, ref(dataset), surroundings.stateBucket(spec.store()), input)
                .output(spec.output())
                .partition(partition(spec.partition()))
                .format(spec.format())
                .function(target(function, spec))
                .combine(target(combine, spec))
                .profiler(profiler == null ? null : profiler.target())
                .rounds(isTraining(spec))
                .policy(new Task.Policy(
                        spec.failurePolicy().toleratedPercent(),
                        spec.resync().duration(),
                        spec.retention().duration(),
                        spec.reprocessOrDefault()))
                .wishes(wishes(dataset.metadata()))
                .build();
        List<Assignment.Cap> caps = Stream.of(function, combine, profiler)
                .filter(Objects::nonNull)
                .map(Callee::cap)
                .distinct()
                .toList();
        return new Assignment(
                task,
                caps,
                spec.maxConcurrency(),
                Graph.Node.of(namespace, dataset, functions(spec), surroundings.endpoints()),
                spec.suspend(),
                dataset.status());
    }

    private @Nullable FunctionTarget target(@Nullable Callee callee, DatasetSpec spec) {
        return callee == null
                ? null
                : callee.target().reading(sideInputs(callee.target().name(), spec));
    }

    /** The Datasets that a function's bindings name, but for the one whose shards it gets. */
    private Map<String, DatasetRef> sideInputs(String function, DatasetSpec spec) {
        String parent = spec.from() == null ? null : spec.from().dataset();
        return surroundings
                .function(function)
                .map(declared -> declared.spec().data().stream()
                        .filter(binding ->
                                binding.dataset() != null && !binding.dataset().equals(parent))
                        .collect(Collectors.toMap(FunctionSpec.Binding::name, binding -> sideInput(binding.dataset()))))
                .orElse(Map.of());
    }

    private DatasetRef sideInput(String name) {
        return surroundings
                .dataset(name)
                .map(this::ref)
                .orElseThrow(() -> new UnresolvedException(
                        "SideInputMissing",
                        "dataset %s, which the function reads, is not declared in namespace %s"
                                .formatted(name, namespace)));
    }

    private Callee callee(String name) {
        return surroundings
                .callee(name)
                .orElseThrow(() -> new UnresolvedException(
                        "FunctionMissing", "function %s is not declared in namespace %s".formatted(name, namespace)));
    }

    private Callee model(@Nullable String name) {
        return Optional.ofNullable(name)
                .flatMap(surroundings::model)
                .orElseThrow(() -> new UnresolvedException(
                        "ModelMissing", "model %s is not declared in namespace %s".formatted(name, namespace)));
    }

    private DatasetRef parent(String name) {
        return surroundings
                .dataset(name)
                .map(this::ref)
                .orElseThrow(() -> new UnresolvedException(
                        "ParentMissing", "dataset %s is not declared in namespace %s".formatted(name, namespace)));
    }

    private DatasetRef ref(Dataset dataset) {
        Metadata metadata = dataset.metadata();
        return new DatasetRef(
                namespace,
                metadata.name(),
                Objects.requireNonNullElse(metadata.uid(), ""),
                Objects.requireNonNullElse(metadata.generation(), 1L));
    }

    private List<Function> functions(DatasetSpec spec) {
        DatasetSpec.From from = spec.from();
        return from == null
                ? List.of()
                : Stream.of(from.function(), from.combineFunction())
                        .filter(Objects::nonNull)
                        .distinct()
                        .flatMap(name -> surroundings.function(name).stream())
                        .toList();
    }

    /** Whether a Dataset needs what profiles and generates. */
    public static boolean needProfiler(DatasetSpec spec) {
        return spec.generate() != null || isProfiled(spec);
    }

    private static boolean isProfiled(DatasetSpec spec) {
        boolean reduced = spec.from() != null && spec.from().combine() != DatasetSpec.Combine.None;
        return !reduced && isTabular(spec);
    }

    /** Whether what the Dataset shows has rows to profile. */
    private static boolean isTabular(DatasetSpec spec) {
        DatasetSpec.Output output = spec.output();
        DataFormat.Type type = output != null && output.format() != null
                ? output.format()
                : spec.format().type();
        return switch (type) {
            case Auto, Csv, JsonLines, Parquet, Npy -> true;
            case Image, Raw -> false;
        };
    }

    private static Task.Partition partition(DatasetSpec.Partition partition) {
        return new Task.Partition(
                Objects.requireNonNullElse(partition.scale(), 0),
                partition.targetBytes() == null
                        ? Task.Partition.DEFAULT.targetBytes()
                        : partition.targetBytes().bytes(),
                partition.split() == DatasetSpec.Split.Records);
    }

    private static Task.Wishes wishes(Metadata metadata) {
        String confirmed = metadata.annotation(Metadata.CONFIRM_REMOVAL);
        String adopt = metadata.annotation(Metadata.ADOPT);
        return new Task.Wishes(
                adopt != null && !adopt.equals("false"),
                confirmed != null && confirmed.matches("[0-9]{1,18}") ? Long.valueOf(confirmed) : null,
                metadata.annotation(Metadata.REDRIVE));
    }
}
