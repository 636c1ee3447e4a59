package dev.tidemill.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.operator.KnativeFeatures.Features;
import dev.tidemill.operator.OperatorConfig.ModelImages;
import dev.tidemill.operator.Specs;
import dev.tidemill.operator.serving.ServingPlan;
import dev.tidemill.operator.serving.Surroundings;
import dev.tidemill.operator.store.Grants;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelPlanTest {

    private static final ModelImages IMAGES = new ModelImages("model:1", "");
    private static final String TENSORS =
            "inputs: [{name: x, datatype: FP32, shape: [-1]}]\noutputs: [{name: z, datatype: FP32, shape: [-1]}]\n";

    private static ServingPlan plan(String spec) {
        return ModelPlan.of(
                "digits",
                Specs.model(TENSORS + spec),
                null,
                IMAGES,
                new Features(Map.of(), true),
                new Surroundings(
                        "team-a",
                        new LinkedHashMap<>(),
                        _ -> Optional.empty(),
                        (store, name) -> Grants.of(name, store.spec(), "team-a", Map.of())));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            format: ONNX\\ntrain: {dataset: d, algorithm: KMeans, output: {bucket: models}}                   | ParentMissing
            format: PyTorch\\nsource: {bucket: models, key: a.pt}\\naccelerator: {resource: nvidia.com/gpu}   | ImageMissing
            format: ONNX\\nsource: {bucket: models, key: a.onnx}\\naccelerator: {resource: nvidia.com/gpu}    | NotYetSupported
            format: ONNX\\nsource: {bucket: models, key: a.onnx}\\nnodeSelector: {disk: fast}               | FeatureDisabled
            format: ONNX\\nsource: {bucket: models, key: a.onnx}\\ntolerations: [{operator: Exists}]        | FeatureDisabled
            """)
    void saysWhatIsMissing(String spec, String reason) {
        assertThat(plan(spec.replace("\\n", "\n")))
                .isInstanceOfSatisfying(
                        ServingPlan.Refuse.class,
                        refused -> assertThat(refused.verdict().reason()).isEqualTo(reason));
    }
}
