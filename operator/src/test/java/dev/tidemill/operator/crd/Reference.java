package dev.tidemill.operator.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.ByteSize;
import dev.tidemill.api.Documents;
import dev.tidemill.api.Quantity;
import dev.tidemill.api.TimeSpan;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Writes {@code docs/reference/resources.md} from the types, field by field in their order. */
final class Reference {

    private static final String HEAD = """
            # The resources

            Four kinds of `tidemill.dev/v1alpha1`. What an API server refuses by the CRDs in `k8s/crds`, `./tidemill run` refuses in the same
            words, with file and line. `kubectl explain dataset.spec.from` shows the same texts.

            - A *size* is a whole number with a unit, `64Mi` or `1G`; a *length of time* has whole numbers with `ms`, `s`, `m` or `h`, `10m` or
              `1h30m`. Both are text. Decimal numbers are text too (`"0.25"`): there are no floats in a spec.
            - A prefix without a trailing `/` means the folder.
            - Entries of a list that have a `name` have it once in the list.
            - Fields whose function is not built yet are refused with `NotYetSupported` when the resource is to be worked on: [the
              list](#not-supported-yet).

            This page is made from the types: `./mvnw -pl operator -am test -Dtest=CrdsAreCurrentTest -Dsurefire.failIfNoSpecifiedTests=false -Dcrds.update`
            """;

    private final StringBuilder page = new StringBuilder(HEAD);
    private final List<String> rules = new ArrayList<>();

    private Reference() {}

    static String page() throws Exception {
        var reference = new Reference();
        for (var kind : Crds.KINDS) {
            reference.kind(kind);
        }
        reference.page.append("\n## Not supported yet\n\n| Field | Where | Meanwhile |\n|---|---|---|\n");
        Documents.notYetSupported()
                .forEach((where, fields) -> fields.forEach(field ->
                        reference.page.append("| `%s` | %s | %s |\n".formatted(field.path(), where, field.message()))));
        return reference.page.toString();
    }

    private void kind(Class<? extends CustomResource<?, ?>> type) throws Exception {
        var kind = HasMetadata.getKind(type);
        page.append("\n## ").append(kind).append("\n\n");
        page.append(type.getAnnotation(JsonClassDescription.class).value()).append('\n');
        page.append("Short name `")
                .append(type.getAnnotation(ShortNames.class).value()[0])
                .append("`, ");
        page.append(Namespaced.class.isAssignableFrom(type) ? "namespaced" : "cluster-scoped")
                .append(". The least that there can be:\n");
        page.append("\n```yaml\n").append(smallest(kind)).append("```\n");
        var parameters = ((ParameterizedType) type.getGenericSuperclass()).getActualTypeArguments();
        part("spec", (Class<?>) parameters[0]);
        part("status", (Class<?>) parameters[1]);
    }

    private static String smallest(String kind) throws Exception {
        var file = Examples.of("valid").stream()
                .filter(example -> example.toString().equals("valid-smallest.yaml"))
                .findFirst()
                .orElseThrow();
        for (var document : file.text().split("(?m)^---\\n")) {
            JsonNode json = new ObjectMapper().readTree(Documents.json(document).getFirst());
            if (json.path("kind").asText().equals(kind)) {
                return document;
            }
        }
        throw new IllegalStateException("valid-smallest.yaml has no " + kind);
    }

    private void part(String name, Class<?> type) {
        rules.clear();
        page.append("\n### ").append(name).append("\n\n| Field | Value | What it is |\n|---|---|---|\n");
        rules(name, type);
        fields(name, type);
        if (!rules.isEmpty()) {
            page.append("\nRules:\n\n");
            rules.stream()
                    .distinct()
                    .forEach(rule -> page.append("- ").append(rule).append('\n'));
        }
    }

    private void fields(String path, Class<?> type) {
        for (var component : type.getRecordComponents()) {
            var field = declared(type, component);
            var at = path + "." + component.getName();
            var described = Objects.requireNonNull(
                    field.getAnnotation(JsonPropertyDescription.class), () -> at + " is not described");
            page.append("| `").append(at).append("` | ").append(value(field)).append(" | ");
            page.append(described.value().replace("|", "\\|")).append(" |\n");
            rules(at, field);
            var inner = inner(field.getGenericType());
            if (inner.isRecord() && !isText(inner)) {
                var below = field.getType() == List.class ? at + "[]" : at;
                rules(below, inner);
                fields(below, inner);
            }
        }
    }

    private void rules(String path, AnnotatedElement element) {
        for (var rule : element.getAnnotationsByType(ValidationRule.class)) {
            rules.add("`" + path + "`: " + rule.message());
        }
    }

    private static String value(Field field) {
        var words = new ArrayList<String>();
        words.add(type(field.getGenericType()));
        var min = field.getAnnotation(Min.class);
        var max = field.getAnnotation(Max.class);
        if (min != null && max != null) {
            words.add("%d to %d".formatted((long) min.value(), (long) max.value()));
        } else if (min != null) {
            words.add("at least " + (long) min.value());
        }
        var size = field.getAnnotation(Size.class);
        if (size != null && size.max() < 1000 && field.getType() == List.class) {
            words.add("at most " + size.max());
        }
        var standard = field.getAnnotation(Default.class);
        if (standard != null) {
            words.add(
                    "default `" + standard.value().replaceAll("^'(.+)'$", "$1").replace("''", "\"\"") + "`");
        }
        if (field.isAnnotationPresent(Required.class)) {
            words.add("**required**");
        }
        return String.join(", ", words);
    }

    private static String type(Type type) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? "list of " + type(arguments[0])
                    : "names with " + type(arguments[1]);
        }
        var plain = (Class<?>) type;
        if (plain.isEnum()) {
            return Arrays.stream(plain.getEnumConstants())
                    .map(each -> "`" + each + "`")
                    .collect(Collectors.joining(", "));
        }
        if (plain == Quantity.class) {
            return "quantity";
        }
        return WORDS.getOrDefault(plain, plain == JsonNode.class ? "any JSON" : "fields");
    }

    private static final Map<Class<?>, String> WORDS = Map.of(
            String.class, "text",
            Integer.class, "whole number",
            Long.class, "whole number",
            int.class, "whole number",
            long.class, "whole number",
            Boolean.class, "true or false",
            boolean.class, "true or false",
            ByteSize.class, "size",
            TimeSpan.class, "length of time",
            Instant.class, "time");

    private static boolean isText(Class<?> type) {
        return WORDS.containsKey(type) || type == Quantity.class;
    }

    private static Class<?> inner(Type type) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            return inner(arguments[arguments.length - 1]);
        }
        return (Class<?>) type;
    }

    private static Field declared(Class<?> type, RecordComponent component) {
        try {
            return type.getDeclaredField(component.getName());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }
}
