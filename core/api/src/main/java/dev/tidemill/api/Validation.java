package dev.tidemill.api;

import dev.tidemill.api.DatasetSpec.Combine;
import dev.tidemill.api.DatasetSpec.Distribution;
import dev.tidemill.api.ModelSpec.Datatype;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules between fields, for machines without an API server: the Java twin of the CRDs' CEL rules, in the same words. Rules about a
 * change of a resource have no twin, since a file has no past.
 */
public final class Validation {

    private static final Pattern NAME = Pattern.compile(Metadata.NAME_PATTERN);

    private final List<Violation> found = new ArrayList<>();

    private Validation() {}

    /** Every rule that a resource breaks; none if an API server would take it. */
    public static List<Violation> check(Resource resource) {
        var validation = new Validation();
        validation.rule(NAME.matcher(resource.metadata().name()).matches(), "metadata.name", Metadata.NAME_RULE);
        switch (resource) {
            case Dataset dataset -> {
                validation.dataset(dataset.spec());
                validation.notFromItself(dataset);
            }
            case Function function -> validation.function(function.spec());
            case Model model -> validation.model(model.spec());
            case ObjectStore store -> validation.store(store.spec());
        }
        return validation.found;
    }

    private void rule(boolean holds, String path, String message) {
        if (!holds) {
            found.add(new Violation(path, message));
        }
    }

    private static boolean exactlyOne(@Nullable Object... values) {
        return Stream.of(values).filter(Objects::nonNull).count() == 1;
    }

    private void dataset(DatasetSpec spec) {
        rule(exactlyOne(spec.source(), spec.from(), spec.generate()), "spec", Rules.ONE_ORIGIN);
        rule(spec.source() == null || spec.output() == null, "spec.output", Rules.OUTPUT_WITH_SOURCE);
        rule(spec.from() != null || spec.reprocess() == null, "spec.reprocess", Rules.REPROCESS_WITHOUT_FROM);
        rule(spec.resync().duration().compareTo(Duration.ofSeconds(5)) >= 0, "spec.resync", Rules.RESYNC_SHORT);
        var combined = spec.from() != null && spec.from().combine() == Combine.Tree;
        rule(!combined || spec.output() == null, "spec.output", Rules.OUTPUT_WITH_COMBINE);
        rule(
                spec.output() != null || combined || spec.from() == null && spec.generate() == null,
                "spec",
                Rules.OUTPUT_REQUIRED);
        if (spec.source() != null) {
            prefix(spec.source().prefix(), "spec.source.prefix");
        }
        if (spec.from() != null) {
            from(spec.from());
        }
        if (spec.generate() != null) {
            generate(spec.generate());
        }
        if (spec.output() != null) {
            output(spec.output(), spec.generate() != null);
        }
        partition(spec.partition());
        format(spec.format());
    }

    private void notFromItself(Dataset dataset) {
        var from = dataset.spec().from();
        rule(
                from == null || !dataset.metadata().name().equals(from.dataset()),
                "spec.from.dataset",
                DatasetSpec.FROM_ITSELF);
    }

    private void prefix(@Nullable String prefix, String path) {
        rule(prefix == null || !prefix.startsWith("/"), path, Rules.PREFIX_SLASH);
    }

    private void from(DatasetSpec.From from) {
        rule(exactlyOne(from.function(), from.model()), "spec.from", Rules.ONE_WORKER);
        rule(
                from.combineFunction() == null || from.combine() == Combine.Tree,
                "spec.from.combineFunction",
                Rules.COMBINE_FUNCTION);
        rule(from.model() == null || from.combine() == Combine.None, "spec.from.combine", Rules.COMBINE_MODEL);
    }

    private void generate(DatasetSpec.Generate generate) {
        rule(generate.objects() <= generate.rows(), "spec.generate.objects", Rules.GENERATE_OBJECTS);
        for (var i = 0; i < generate.columns().size(); i++) {
            var column = generate.columns().get(i);
            var path = "spec.generate.columns[" + i + "]";
            rule(
                    (column.distribution() == Distribution.Choice)
                            == !column.values().isEmpty(),
                    path + ".values",
                    Rules.CHOICE_VALUES);
            var ranged = column.distribution() == Distribution.Uniform || column.distribution() == Distribution.Integer;
            rule(!ranged || column.minOrDefault() < column.maxOrDefault(), path, Rules.UNIFORM_RANGE);
        }
    }

    private void output(DatasetSpec.Output output, boolean generated) {
        prefix(output.prefix(), "spec.output.prefix");
        rule(!output.prefix().isEmpty(), "spec.output.prefix", Rules.OUTPUT_PREFIX);
        if (generated && output.format() != null) {
            rule(
                    output.format() == DataFormat.Type.Csv || output.format() == DataFormat.Type.JsonLines,
                    "spec.output.format",
                    Rules.GENERATE_FORMAT);
        }
    }

    private void partition(DatasetSpec.Partition partition) {
        rule(partition.scale() == null || partition.targetBytes() == null, "spec.partition", Rules.ONE_PARTITION);
    }

    private void format(DataFormat format) {
        rule(
                format.csv() == null || format.type() == DataFormat.Type.Csv || format.type() == DataFormat.Type.Auto,
                "spec.format.csv",
                Rules.CSV_OPTIONS);
    }

    private void function(FunctionSpec spec) {
        rule(exactlyOne(spec.image(), spec.code(), spec.builtin()), "spec", Rules.ONE_CODE);
        rule((spec.code() == null) == (spec.runtimeImage() == null), "spec.runtimeImage", Rules.RUNTIME_IMAGE);
        rule(spec.code() == null || spec.handler() != null, "spec.code", Rules.CODE_HANDLER);
        rule(
                spec.eventFormat() == FunctionSpec.EventFormat.Auto || spec.runtime() == FunctionSpec.Runtime.Lambda,
                "spec.eventFormat",
                Rules.EVENT_FORMAT_LAMBDA);
        rule(
                spec.scale().processes() == 1 || spec.runtime() == FunctionSpec.Runtime.Lambda,
                "spec.scale.processes",
                Rules.PROCESSES_LAMBDA);
        rule(spec.scale().requests() <= spec.maxConcurrency(), "spec.scale", Rules.CAP);
        rule(
                spec.scale().max() == null || spec.scale().min() <= spec.scale().max(),
                "spec.scale.min",
                Rules.SCALE_ORDER);
        var timeout = spec.timeout().duration();
        rule(
                timeout.compareTo(Duration.ofSeconds(1)) >= 0 && timeout.compareTo(Duration.ofMinutes(15)) <= 0,
                "spec.timeout",
                Rules.TIMEOUT_RANGE);
        for (var i = 0; i < spec.env().size(); i++) {
            env(spec.env().get(i), "spec.env[" + i + "]");
        }
        for (var i = 0; i < spec.data().size(); i++) {
            binding(spec.data().get(i), "spec.data[" + i + "]");
        }
        for (var i = 0; i < spec.events().size(); i++) {
            var event = spec.events().get(i);
            var filtered = !event.filter().isEmpty() || !event.filters().isEmpty();
            rule(
                    event.schedule() == null ? filtered : event.broker() == null && !filtered && event.detail() == null,
                    "spec.events[" + i + "]",
                    Rules.EVENT_ONE);
        }
    }

    private void env(EnvVar variable, String path) {
        rule(variable.value() == null || variable.valueFrom() == null, path, Rules.ENV_ONE_VALUE);
        if (variable.valueFrom() != null) {
            var from = variable.valueFrom();
            rule(
                    exactlyOne(from.secretKeyRef(), from.configMapKeyRef(), from.fieldRef(), from.resourceFieldRef()),
                    path + ".valueFrom",
                    Rules.ENV_ONE_SOURCE);
        }
    }

    private void binding(FunctionSpec.Binding binding, String path) {
        rule(
                binding.dataset() == null
                        ? binding.bucket() != null
                        : binding.bucket() == null && binding.s3Prefix() == null,
                path,
                Rules.BINDING_TARGET);
        rule(binding.dataset() == null || binding.store() == null, path + ".store", Rules.BINDING_STORE);
        rule(
                binding.dataset() == null || binding.access() == Access.Read,
                path + ".access",
                Rules.BINDING_WRITE_DATASET);
        prefix(binding.s3Prefix(), path + ".s3Prefix");
    }

    private void model(ModelSpec spec) {
        rule(exactlyOne(spec.source(), spec.train()), "spec", Rules.ONE_MODEL);
        rule(spec.scale().min() <= spec.scale().max(), "spec.scale.min", Rules.SCALE_ORDER);
        for (var i = 0; i < spec.inputs().size(); i++) {
            shape(spec.inputs().get(i), "spec.inputs[" + i + "]");
            image(spec.inputs().get(i), "spec.inputs[" + i + "]");
        }
        for (var i = 0; i < spec.outputs().size(); i++) {
            shape(spec.outputs().get(i), "spec.outputs[" + i + "]");
        }
        rule(
                spec.inputs().size() == 1 || spec.inputs().stream().allMatch(input -> input.image() == null),
                "spec",
                Rules.IMAGE_ALONE);
        rule(
                spec.outputs().stream().allMatch(output -> output.columns().isEmpty() && output.image() == null),
                "spec",
                Rules.OUTPUTS_ARE_GIVEN);
        var train = spec.train();
        if (train != null) {
            rule(spec.format() == ModelSpec.Format.ONNX, "spec.format", Rules.TRAINED_FORMAT);
            rule(
                    (train.algorithm() == ModelSpec.Algorithm.KMeans) == (train.target() == null),
                    "spec.train.target",
                    Rules.TRAIN_TARGET);
            prefix(train.output().prefix(), "spec.train.output.prefix");
        }
        if (spec.drift() != null) {
            rule(train != null || spec.drift().baseline() != null, "spec", Rules.DRIFT_BASELINE);
            rule(Double.parseDouble(spec.drift().threshold()) <= 1, "spec.drift.threshold", Rules.DRIFT_THRESHOLD);
        }
    }

    private void shape(ModelSpec.Tensor tensor, String path) {
        rule(tensor.shape().stream().allMatch(size -> size == -1 || size > 0), path, Rules.SHAPE);
    }

    private void image(ModelSpec.Tensor input, String path) {
        var image = input.image();
        if (image == null) {
            return;
        }
        var shape = input.shape();
        rule(
                shape.size() == 4
                        && shape.getFirst() == -1
                        && shape.stream().skip(1).allMatch(size -> size > 0)
                        && Set.of(1L, 3L).contains(shape.get(image.channelsAt())),
                path,
                Rules.IMAGE_SHAPE);
        rule(
                Set.of(Datatype.UINT8, Datatype.FP16, Datatype.FP32, Datatype.FP64)
                        .contains(input.datatype()),
                path,
                Rules.IMAGE_DATATYPE);
        rule(input.columns().isEmpty(), path, Rules.IMAGE_OR_COLUMNS);
        rule(Double.parseDouble(image.divisor()) > 0, path + ".image.divisor", Rules.IMAGE_DIVISOR);
        rule(
                image.mean().stream().allMatch(mean -> isWithin(-1e9, mean))
                        && image.std().stream().allMatch(std -> isWithin(0, std)),
                path + ".image",
                Rules.IMAGE_NUMBERS);
        if (shape.size() == 4) {
            var channels = shape.get(image.channelsAt());
            rule(
                    Stream.of(image.mean(), image.std()).allMatch(list -> list.isEmpty() || list.size() == channels),
                    path,
                    Rules.IMAGE_CHANNELS);
            rule(
                    image.shorterSide() == null
                            || image.shorterSide() >= shape.get(2)
                                    && image.shorterSide() >= shape.get(4 - image.channelsAt()),
                    path,
                    Rules.IMAGE_SHORTER_SIDE);
        }
    }

    private static boolean isWithin(double least, String number) {
        try {
            var value = Double.parseDouble(number);
            return value > least && value < 1e9;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private void store(ObjectStoreSpec spec) {
        for (var i = 0; i < spec.grants().size(); i++) {
            var grant = spec.grants().get(i);
            rule(!grant.bucket().equals(spec.stateBucket()), "spec.grants[" + i + "].bucket", Rules.STATE_BUCKET_GRANT);
            prefix(grant.prefix(), "spec.grants[" + i + "].prefix");
        }
        rule(spec.caSecret() == null || spec.endpoint().startsWith("https://"), "spec.caSecret", Rules.CA_NEEDS_TLS);
    }
}
