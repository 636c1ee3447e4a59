package dev.tidemill.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemill.api.Documents;
import dev.tidemill.api.Json;
import dev.tidemill.api.ResourceReader;
import dev.tidemill.operator.TestCluster;
import dev.tidemill.operator.crd.Examples.Example;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the CRDs against a real API server. */
@DisplayName("An API server takes and refuses resources by the CRDs as the command does")
class ApiServerJudgesExamplesIT {

    private static @Nullable KubernetesClient client;

    @BeforeAll
    static void connectAndDeclare() throws Exception {
        client = TestCluster.client();
        for (var crd : Crds.files().values()) {
            var declared = client.getKubernetesSerialization().unmarshal(crd, CustomResourceDefinition.class);
            client.resource(declared).forceConflicts().serverSideApply();
            client.resource(declared)
                    .waitUntilCondition(ApiServerJudgesExamplesIT::established, TestCluster.PATIENCE, TimeUnit.SECONDS);
        }
    }

    @AfterAll
    static void disconnect() {
        if (client != null) {
            client.close();
        }
    }

    static List<Example> valid() {
        return Stream.concat(Examples.of("valid").stream(), Examples.shipped().stream())
                .toList();
    }

    static List<Example> invalid() {
        return Examples.of("invalid");
    }

    static List<Example> changes() {
        return Examples.of("change");
    }

    @ParameterizedTest
    @MethodSource("valid")
    void takesWhatIsValid(Example example) throws Exception {
        for (var resource : resources(example.text())) {
            assertThat(dryRun(resource).getMetadata().getUid()).isNotEmpty();
        }
    }

    /** What the types fill in and normalise never makes a resource that the server would refuse. */
    @ParameterizedTest
    @MethodSource("valid")
    void takesWhatTheTypesMakeOfIt(Example example) throws Exception {
        for (var read : ResourceReader.read(List.of(example.file())).resources()) {
            for (var resource : resources(Json.text(read))) {
                assertThat(dryRun(resource).getMetadata().getUid()).isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void refusesWhatIsInvalidAndSaysWhy(Example example) throws Exception {
        for (var resource : resources(example.text())) {
            var refusal = catchThrowableOfType(KubernetesClientException.class, () -> dryRun(resource));
            assertThat(refusal).as("%s is taken", example).isNotNull();
            assertThat(refusal.getMessage()).contains(example.cluster());
        }
    }

    @ParameterizedTest
    @MethodSource("changes")
    void refusesAChangeOfWhatIsFixed(Example example) throws Exception {
        var versions = resources(example.text());
        var api = Objects.requireNonNull(client);
        var first = api.resource(versions.getFirst());
        first.delete();
        var created = first.create();
        try {
            var changed = versions.getLast();
            changed.getMetadata().setResourceVersion(created.getMetadata().getResourceVersion());
            var refusal = catchThrowableOfType(
                    KubernetesClientException.class, () -> api.resource(changed).update());
            assertThat(refusal).as("%s is taken", example).isNotNull();
            assertThat(refusal.getMessage()).contains(example.cluster());
        } finally {
            first.delete();
        }
    }

    private static HasMetadata dryRun(HasMetadata resource) {
        return Objects.requireNonNull(client)
                .resource(resource)
                .dryRun()
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .create();
    }

    private static List<HasMetadata> resources(String text) throws Exception {
        var serialization = Objects.requireNonNull(client).getKubernetesSerialization();
        var resources = new ArrayList<HasMetadata>();
        for (var document : Documents.json(text)) {
            switch (serialization.<Object>unmarshal(document)) {
                case KubernetesResourceList<?> list -> resources.addAll(list.getItems());
                case HasMetadata resource -> resources.add(resource);
                default -> throw new IllegalStateException("neither a resource nor a list: " + document);
            }
        }
        resources.stream()
                .filter(resource -> !resource.getKind().equals("ObjectStore"))
                .forEach(resource -> resource.getMetadata().setNamespace("default"));
        return resources;
    }

    private static boolean established(@Nullable CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }
}
