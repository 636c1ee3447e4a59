package dev.tidemill.operator.crd;

import static java.util.Comparator.comparing;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.tidemill.api.Quantity;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.ObjectStoreResource;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the CRDs from the Java types. To what fabric8's generator reads off the annotations it adds what has none: categories, the
 * kind's description, lists keyed by {@code name} or {@code type}, and quantities that may be numbers.
 */
public final class Crds {

    /** Writes them anew, and the reference page. */
    static final String REMEDY =
            "./mvnw -pl operator -am test -Dtest=CrdsAreCurrentTest -Dsurefire.failIfNoSpecifiedTests=false -Dcrds.update";

    private static final String HEADER =
            "# Made from the types in core/api and operator. Do not edit: " + REMEDY + "\n";

    /** The classes of the four kinds. */
    public static final List<Class<? extends CustomResource<?, ?>>> KINDS =
            List.of(DatasetResource.class, FunctionResource.class, ModelResource.class, ObjectStoreResource.class);

    private Crds() {}

    /** The text of each file of {@code k8s/crds} by its name. */
    static Map<String, String> files() {
        var made = new TreeMap<String, ByteArrayOutputStream>();
        new CRDGenerator()
                .customResourceClasses(List.copyOf(KINDS))
                .forCRDVersions("v1")
                .withPostProcessor(new Additions())
                .withOutput(new InMemory(made))
                .generate();
        var files = new TreeMap<String, String>();
        made.forEach((name, bytes) -> {
            var text = bytes.toString(StandardCharsets.UTF_8);
            files.put(
                    name.substring(0, name.indexOf('.')) + ".yaml",
                    HEADER + text.substring(text.indexOf("apiVersion:")));
        });
        return files;
    }

    /** The root of the repository. */
    static Path root() {
        return Path.of(System.getProperty("basedir", ".")).resolve("..").normalize();
    }

    private static final class Additions implements CRDPostProcessor {

        private static final Map<String, String> DESCRIPTIONS = KINDS.stream()
                .collect(Collectors.toMap(
                        HasMetadata::getKind,
                        kind -> kind.getAnnotation(JsonClassDescription.class).value()));

        @Override
        public HasMetadata process(HasMetadata made, String version) {
            var crd = (CustomResourceDefinition) made;
            var names = crd.getSpec().getNames();
            names.setCategories(List.of("tidemill"));
            for (var each : crd.getSpec().getVersions()) {
                var order = printed(names.getKind());
                each.getAdditionalPrinterColumns().sort(comparing(column -> order.indexOf(column.getName())));
                var schema = each.getSchema().getOpenAPIV3Schema();
                schema.setDescription(DESCRIPTIONS.get(names.getKind()));
                var root = schema.getProperties();
                describe(root, "spec", "What is wanted.");
                describe(root, "status", "What is seen.");
            }
            return crd;
        }

        /** The printer columns in the order of the class; the generator sorts them by path. */
        private static List<String> printed(String kind) {
            return KINDS.stream()
                    .filter(type -> HasMetadata.getKind(type).equals(kind))
                    .flatMap(type -> Stream.of(type.getAnnotationsByType(AdditionalPrinterColumn.class)))
                    .map(AdditionalPrinterColumn::name)
                    .toList();
        }

        private static void describe(Map<String, JSONSchemaProps> root, String name, String description) {
            var schema = Objects.requireNonNull(root.get(name), name);
            schema.setDescription(description);
            refine(name, schema, name.equals("spec"));
        }

        private static void refine(String name, JSONSchemaProps schema, boolean declared) {
            if (schema.getXKubernetesValidations() != null) {
                // The generator sees a record component twice, as field and as accessor.
                schema.setXKubernetesValidations(
                        schema.getXKubernetesValidations().stream().distinct().toList());
            }
            if (schema.getItems() != null) {
                var item = schema.getItems().getSchema();
                if (name.equals("conditions")) {
                    keyed(schema, "type");
                } else if (declared
                        && item.getRequired() != null
                        && item.getRequired().contains("name")) {
                    keyed(schema, "name");
                }
                refine(name, item, declared);
            }
            if (schema.getAdditionalProperties() != null
                    && schema.getAdditionalProperties().getSchema().getType() == null) {
                // Any JSON under any name; CEL sees a field of this form and not of the other.
                schema.setAdditionalProperties(null);
                schema.setXKubernetesPreserveUnknownFields(true);
            }
            if ((name.equals("requests") || name.equals("limits")) && schema.getAdditionalProperties() != null) {
                schema.getAdditionalProperties().setSchema(quantity());
            }
            if (schema.getProperties() != null) {
                schema.getProperties().forEach((field, inner) -> refine(field, inner, declared));
            }
        }

        private static void keyed(JSONSchemaProps list, String key) {
            list.setXKubernetesListType("map");
            list.setXKubernetesListMapKeys(List.of(key));
        }

        private static JSONSchemaProps quantity() {
            Function<String, JSONSchemaProps> type =
                    name -> new JSONSchemaPropsBuilder().withType(name).build();
            return new JSONSchemaPropsBuilder()
                    .withAnyOf(type.apply("integer"), type.apply("string"))
                    .withPattern(Quantity.PATTERN)
                    .withXKubernetesIntOrString(true)
                    .build();
        }
    }

    private record InMemory(Map<String, ByteArrayOutputStream> made)
            implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {

        @Override
        public ByteArrayOutputStream outputFor(String name) {
            return made.computeIfAbsent(name, crd -> new ByteArrayOutputStream());
        }

        @Override
        public void close() {}
    }
}
