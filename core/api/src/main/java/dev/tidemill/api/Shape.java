package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds a JSON tree against the record types, by the same annotations that the CRDs are made from: unknown and missing fields, types,
 * enums, bounds, patterns, names used twice. Finds everything, not just the first.
 */
final class Shape {

    /** What a pattern means, for those who do not read patterns. */
    private static final Map<String, String> EXPLAINED = Map.of(
            Bucket.PATTERN, "a bucket's name has 3 to 63 lower-case letters, digits, dots and dashes",
            DatasetSpec.Column.DECIMAL, "write a decimal number as text, such as \"0.25\"",
            DatasetSpec.Column.UNSIGNED_DECIMAL,
                    "write a decimal number that is not negative as text, such as \"0.25\"");

    private final List<Violation> found = new ArrayList<>();

    private Shape() {}

    /**
     * Everything in a document that its type does not have room for.
     *
     * @param document of which {@code status} has been taken away
     */
    static List<Violation> check(JsonNode document, Class<? extends Resource> type) {
        var shape = new Shape();
        shape.record(document, type, "", Set.of("kind"));
        return shape.found;
    }

    private void value(JsonNode node, Type type, @Nullable Field declared, String path) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                list(node, arguments[0], declared, path);
            } else {
                map(node, arguments[1], path);
            }
        } else if (type instanceof Class<?> plain) {
            plain(node, plain, declared, path);
        }
    }

    private void plain(JsonNode node, Class<?> type, @Nullable Field declared, String path) {
        if (type == JsonNode.class) {
            return;
        } else if (type == String.class) {
            if (text(node, path)) {
                limits(node.textValue(), declared, path);
            }
        } else if (type.isEnum()) {
            constant(node, type, path);
        } else if (type == Boolean.class || type == boolean.class) {
            if (!node.isBoolean()) {
                say(path, "true or false is expected, not " + shown(node));
            }
        } else if (type == Integer.class || type == Long.class || type == int.class || type == long.class) {
            number(node, type, declared, path);
        } else if (type == ByteSize.class) {
            parsed(node, path, ByteSize::parse);
        } else if (type == TimeSpan.class) {
            parsed(node, path, TimeSpan::parse);
        } else if (type == Quantity.class) {
            if (!node.isIntegralNumber()) {
                parsed(node, path, Quantity::new);
            }
        } else if (type == Instant.class) {
            parsed(node, path, Shape::instant);
        } else if (type.isRecord()) {
            record(node, type, path, Set.of());
        } else {
            throw new IllegalStateException("a resource has a field of " + type + ", which Shape does not know");
        }
    }

    private void record(JsonNode node, Class<?> type, String path, Set<String> further) {
        if (!node.isObject()) {
            say(path, "fields are expected here, not " + shown(node));
            return;
        }
        var components = new LinkedHashMap<String, RecordComponent>();
        for (var component : type.getRecordComponents()) {
            components.put(jsonName(type, component), component);
        }
        var tolerated = new HashSet<>(further);
        var ignored = type.getAnnotation(JsonIgnoreProperties.class);
        if (ignored != null) {
            tolerated.addAll(Arrays.asList(ignored.value()));
        }
        for (var given : node.properties()) {
            var component = components.get(given.getKey());
            var field = YamlDocument.field(path, given.getKey());
            if (component != null) {
                if (!given.getValue().isNull()) {
                    value(given.getValue(), component.getGenericType(), declared(type, component), field);
                }
            } else if (!tolerated.contains(given.getKey())) {
                var hint = NearMiss.hint(given.getKey(), components.keySet());
                say(
                        field,
                        "unknown field \"" + given.getKey() + "\""
                                + (hint.isEmpty() ? "; there are " + String.join(", ", components.keySet()) : hint));
            }
        }
        components.forEach((name, component) -> {
            if (!node.hasNonNull(name) && declared(type, component).isAnnotationPresent(Required.class)) {
                say(YamlDocument.field(path, name), "is required");
            }
        });
    }

    private void list(JsonNode node, Type item, @Nullable Field declared, String path) {
        if (!node.isArray()) {
            say(path, "a list is expected, not " + shown(node));
            return;
        }
        size(node.size(), declared, path, "entries");
        var names = new HashSet<String>();
        for (var i = 0; i < node.size(); i++) {
            var at = path + "[" + i + "]";
            value(node.get(i), item, null, at);
            if (item instanceof Class<?> type
                    && named(type)
                    && node.get(i).path("name").isTextual()) {
                var name = node.get(i).path("name").textValue();
                if (!names.add(name)) {
                    say(at + ".name", "the name \"" + name + "\" is used twice");
                }
            }
        }
    }

    /** Whether lists of it are keyed by name, as {@code x-kubernetes-list-map-keys} has it. */
    private static boolean named(Class<?> type) {
        return type.isRecord()
                && Arrays.stream(type.getRecordComponents())
                        .anyMatch(component -> component.getName().equals("name")
                                && declared(type, component).isAnnotationPresent(Required.class));
    }

    private void map(JsonNode node, Type value, String path) {
        if (!node.isObject()) {
            say(path, "names with values are expected, not " + shown(node));
            return;
        }
        node.properties()
                .forEach(entry -> value(entry.getValue(), value, null, YamlDocument.field(path, entry.getKey())));
    }

    private boolean text(JsonNode node, String path) {
        if (node.isTextual()) {
            return true;
        }
        say(path, "text is expected, not " + shown(node) + (node.isValueNode() ? ": put it in quotes" : ""));
        return false;
    }

    private void limits(String text, @Nullable Field declared, String path) {
        size(text.codePointCount(0, text.length()), declared, path, "characters");
        var pattern = declared == null ? null : declared.getAnnotation(Pattern.class);
        if (pattern != null
                && !java.util.regex.Pattern.compile(pattern.value())
                        .matcher(text)
                        .find()) {
            var explained = EXPLAINED.getOrDefault(pattern.value(), "it must match " + pattern.value());
            say(path, "\"" + text + "\" cannot stand here: " + explained);
        }
    }

    private void size(int size, @Nullable Field declared, String path, String what) {
        var limit = declared == null ? null : declared.getAnnotation(Size.class);
        if (limit == null) {
            return;
        }
        if (size < limit.min()) {
            say(path, "at least " + limit.min() + " " + what + " are expected");
        } else if (size > limit.max()) {
            say(path, size + " " + what + " are too many: at most " + limit.max());
        }
    }

    private void constant(JsonNode node, Class<?> type, String path) {
        var allowed =
                Arrays.stream(type.getEnumConstants()).map(Object::toString).toList();
        if (!node.isTextual() || !allowed.contains(node.textValue())) {
            var hint = node.isTextual() ? NearMiss.hint(node.textValue(), allowed) : "";
            say(path, shown(node) + " is not one of " + String.join(", ", allowed) + hint);
        }
    }

    private void number(JsonNode node, Class<?> type, @Nullable Field declared, String path) {
        if (!node.isIntegralNumber()) {
            say(
                    path,
                    "a whole number is expected, not " + shown(node)
                            + (node.isTextual() && node.textValue().matches("-?[0-9]+")
                                    ? ": leave the quotes out"
                                    : ""));
            return;
        }
        var wide = type == Long.class || type == long.class;
        var least = wide ? Long.MIN_VALUE : Integer.MIN_VALUE;
        var most = wide ? Long.MAX_VALUE : Integer.MAX_VALUE;
        if (declared != null && declared.isAnnotationPresent(Min.class)) {
            least = (long) declared.getAnnotation(Min.class).value();
        }
        if (declared != null && declared.isAnnotationPresent(Max.class)) {
            most = (long) declared.getAnnotation(Max.class).value();
        }
        if (!node.canConvertToLong() || node.longValue() < least || node.longValue() > most) {
            say(path, node + " is not between " + least + " and " + most);
        }
    }

    private void parsed(JsonNode node, String path, Consumer<String> parser) {
        if (!text(node, path)) {
            return;
        }
        try {
            parser.accept(node.textValue());
        } catch (IllegalArgumentException e) {
            say(path, String.valueOf(e.getMessage()));
        }
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not a time: write 2026-01-31T12:00:00Z", e);
        }
    }

    private static String jsonName(Class<?> type, RecordComponent component) {
        var renamed = declared(type, component).getAnnotation(JsonProperty.class);
        return renamed == null ? component.getName() : renamed.value();
    }

    private static Field declared(Class<?> type, RecordComponent component) {
        try {
            return type.getDeclaredField(component.getName());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String shown(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "fields";
            case ARRAY -> "a list";
            case STRING -> "\"" + Text.cut(node.textValue(), 80) + "\"";
            default -> node.toString();
        };
    }

    private void say(String path, String message) {
        found.add(new Violation(path, message));
    }
}
