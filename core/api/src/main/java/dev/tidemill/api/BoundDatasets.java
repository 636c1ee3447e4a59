package dev.tidemill.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The Datasets that a Function declares by a binding with {@code scale}: the objects under the prefix in so many shards, named {@code
 * <function>-<binding>}, and what the function makes of them, one object a shard beside the prefix, named {@code
 * <function>-<binding>-result}.
 */
public final class BoundDatasets {

    private static final ObjectMapper JSON = Json.mapper();

    private static final String RESULT = "-result";

    private BoundDatasets() {}

    /**
     * Those of all its bindings, each before the one derived from it; names have {@code -} where a binding's has {@code _}.
     *
     * @throws IllegalArgumentException when a binding cannot stand for a Dataset; the message says why, and what to do
     */
    public static List<Dataset> of(Function function) {
        List<Dataset> declared = new ArrayList<>();
        for (FunctionSpec.Binding binding : function.spec().data()) {
            if (binding.scale() != null) {
                declared.addAll(of(function, binding, binding.scale()));
            }
        }
        return declared;
    }

    private static List<Dataset> of(Function function, FunctionSpec.Binding binding, int scale) {
        String name = function.metadata().name() + "-"
                + binding.name().replace('_', '-').toLowerCase(java.util.Locale.ROOT);
        Map<String, ?> partition = Map.of("scale", scale);
        String dataset = binding.dataset();
        if (dataset != null) {
            throw new IllegalArgumentException(
                    "spec.data %s: scale cuts a prefix; how the Dataset %s is cut, its own spec.partition says"
                            .formatted(binding.name(), dataset));
        }
        if (!(name + RESULT).matches(Metadata.NAME_PATTERN)) {
            throw new IllegalArgumentException(
                    "spec.data %s: its scale declares the Dataset %s, and %s: rename the binding"
                            .formatted(binding.name(), name + RESULT, Metadata.NAME_RULE));
        }
        String store = Objects.requireNonNull(binding.store());
        String bucket = Objects.requireNonNull(binding.bucket());
        String prefix = Objects.requireNonNullElse(binding.s3Prefix(), "");
        String beside = prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1) + "-";
        return List.of(
                dataset(
                        function,
                        name,
                        Map.of(
                                "store", store,
                                "source", Map.of("bucket", bucket, "prefix", prefix),
                                "partition", partition)),
                dataset(
                        function,
                        name + RESULT,
                        Map.of(
                                "store", store,
                                "from",
                                        Map.of(
                                                "dataset",
                                                name,
                                                "function",
                                                function.metadata().name()),
                                "output",
                                        Map.of(
                                                "bucket",
                                                bucket,
                                                "prefix",
                                                beside + function.metadata().name() + "/",
                                                "format",
                                                "Raw"),
                                "format", Map.of("type", "Raw"),
                                "partition", partition)));
    }

    private static Dataset dataset(Function function, String name, Map<String, ?> spec) {
        return new Dataset(
                Resource.API_VERSION,
                Metadata.named(function.metadata().namespace(), name),
                JSON.convertValue(spec, DatasetSpec.class),
                null);
    }
}
