package dev.tidemill.local.importing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Access;
import dev.tidemill.api.PathRoutes;
import dev.tidemill.api.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One Function as it comes together from what a file says. Each value that goes in is noted as carried over to its field. */
final class FunctionDraft {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** As the reference page has them. */
    private static final List<String> ORDER = List.of(
            "image",
            "runtime",
            "handler",
            "env",
            "data",
            "events",
            "path",
            "scale",
            "maxConcurrency",
            "timeout",
            "resources",
            "nodeSelector");

    /** What S3 takes for a bucket's name. */
    private static final String BUCKET = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]";

    private final String name;
    private final Item declared;
    private final Findings findings;
    private final ObjectNode annotations = JSON.objectNode();
    private final Map<String, JsonNode> spec = new HashMap<>();
    private final Set<String> bindings = new HashSet<>();
    private final Set<String> events = new HashSet<>();

    /** @param declared where it stands */
    FunctionDraft(String name, Item declared, Findings findings) {
        this.name = name;
        this.declared = declared;
        this.findings = findings;
        spec.put("runtime", JSON.textNode("Lambda"));
    }

    String name() {
        return name;
    }

    Findings findings() {
        return findings;
    }

    /** A field of this Function, as the listings name it. */
    String field(String path) {
        return "function/" + name + " " + path;
    }

    /** Carries the value over, or refuses its item with the reason that the value is not known or does not fit. */
    void put(String key, Item item, Value value, Function<String, @Nullable JsonNode> form, String unfit) {
        JsonNode json = value.text() == null ? null : form.apply(value.text());
        if (json == null) {
            item.refused(value.text() == null ? value.why() : unfit);
        } else {
            spec.put(key, json);
            value.carried(field("spec." + key));
        }
    }

    void image(String image, List<Value> from) {
        spec.put("image", JSON.textNode(image));
        from.forEach(value -> value.carried(field("spec.image")));
    }

    boolean hasImage() {
        return spec.containsKey("image");
    }

    void handler(Item item, Value handler, @Nullable String instead) {
        put("handler", item, handler, text -> JSON.textNode(instead == null ? text : instead), "");
    }

    void timeout(Item item, Value seconds) {
        put(
                "timeout",
                item,
                seconds,
                text -> text.matches("[1-9]\\d{0,2}") && Integer.parseInt(text) <= 900
                        ? JSON.textNode(text + "s")
                        : null,
                "a timeout is 1 to 900 seconds");
    }

    void memory(Item item, Value mebibytes) {
        put(
                "resources",
                item,
                mebibytes,
                text -> {
                    if (!text.matches("[1-9]\\d{0,5}")) {
                        return null;
                    }
                    ObjectNode resources = JSON.objectNode();
                    resources.putObject("requests").put("memory", text + "Mi");
                    resources.putObject("limits").put("memory", text + "Mi");
                    return resources;
                },
                "a number of megabytes is expected");
    }

    void maxConcurrency(Item item, Value most) {
        put(
                "maxConcurrency",
                item,
                most,
                text -> text.matches("[1-9]\\d{0,3}|10000") ? JSON.numberNode(Integer.parseInt(text)) : null,
                "maxConcurrency is 1 to 10000; a function that must not run has no resource here");
    }

    void minScale(Item item, Value pods) {
        put(
                "scale",
                item,
                pods,
                text -> text.matches("\\d{1,3}|1000") ? JSON.objectNode().put("min", Integer.parseInt(text)) : null,
                "a number of pods is expected");
    }

    void architecture(Item item, Value architecture) {
        put(
                "nodeSelector",
                item,
                architecture,
                text -> {
                    String arch = text.equals("x86_64") ? "amd64" : text;
                    return JSON.objectNode().put("kubernetes.io/arch", arch);
                },
                "");
    }

    void annotate(String key, String text, Value from) {
        annotations.put(key, text);
        from.carried(field("metadata.annotations[" + key + "]"));
    }

    void env(String variable, Item item, Value value) {
        if (value.text() == null) {
            item.refused(value.why());
        } else if (!variable.matches("[-._a-zA-Z][-._a-zA-Z0-9]*")) {
            item.refused("a pod knows no variable of such a name");
        } else {
            ArrayNode env = (ArrayNode) spec.computeIfAbsent("env", _ -> JSON.arrayNode());
            env.addObject().put("name", variable).put("value", value.text());
            value.carried(field("spec.env[" + variable + "]"));
        }
    }

    /** Opens a prefix; {@code scale} is null where no Dataset is to be declared. */
    void data(String binding, String bucket, String prefix, Access access, @Nullable Integer scale, List<Value> from) {
        if (!bucket.matches(BUCKET) || prefix.startsWith("/")) {
            from.forEach(value -> value.from()
                    .forEach(item -> item.refused(
                            "s3://%s/%s is no place in a store: write the bucket's name".formatted(bucket, prefix))));
            return;
        }
        String named = Names.unused(binding, bindings);
        bindings.add(named);
        ObjectNode entry = ((ArrayNode) spec.computeIfAbsent("data", _ -> JSON.arrayNode()))
                .addObject()
                .put("name", named)
                .put("bucket", bucket)
                .put("s3Prefix", prefix);
        if (scale != null) {
            entry.put("scale", scale);
        }
        entry.put("access", access.name());
        from.forEach(value -> value.carried(field("spec.data[" + named + "]")));
    }

    void data(BucketAccess access) {
        access.opened()
                .forEach(opened -> data(
                        Names.binding(opened.bucket(), opened.prefix()),
                        opened.bucket(),
                        opened.prefix(),
                        opened.access(),
                        null,
                        opened.from()));
    }

    boolean opens(String bucket) {
        for (JsonNode binding : spec.getOrDefault("data", JSON.arrayNode())) {
            if (binding.path("bucket").asText().equals(bucket)
                    && !binding.path("access").asText().equals("Write")) {
                return true;
            }
        }
        return false;
    }

    /** Adds an event and returns its field; {@code event} has no name yet. */
    String event(String wanted, ObjectNode event) {
        String named = Names.unused(Names.label(wanted), events);
        events.add(named);
        ObjectNode entry = ((ArrayNode) spec.computeIfAbsent("events", _ -> JSON.arrayNode())).addObject();
        entry.put("name", named);
        entry.setAll(event);
        return field("spec.events[" + named + "]");
    }

    /** Leads a path here, if none does yet, or only one below it. */
    boolean path(String path) {
        JsonNode present = spec.get("path");
        boolean can = present == null || leads(path, present.asText());
        if (can) {
            spec.put("path", JSON.textNode(path));
        }
        return can;
    }

    /** Whether its path leads a request for that one here as well. */
    boolean leads(String path) {
        JsonNode present = spec.get("path");
        return present != null && leads(present.asText(), path);
    }

    private static boolean leads(String path, String request) {
        return new PathRoutes<>(Map.of(path, path)).leading(request).isPresent();
    }

    void ask(Item item, String question) {
        findings.ask(item, "function/" + name + ": " + question);
    }

    void askHere(String question) {
        findings.ask(declared, "function/" + name + ": " + question);
    }

    ObjectNode resource() {
        ObjectNode resource = JSON.objectNode();
        resource.put("apiVersion", Resource.API_VERSION).put("kind", "Function");
        ObjectNode metadata = resource.putObject("metadata").put("name", name);
        if (!annotations.isEmpty()) {
            metadata.set("annotations", annotations);
        }
        ObjectNode fields = resource.putObject("spec");
        var keys = new ArrayList<>(ORDER);
        keys.retainAll(spec.keySet());
        keys.forEach(key -> fields.set(key, spec.get(key)));
        return resource;
    }
}
