package dev.tidemill.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads resources from YAML and JSON files as {@code kubectl apply} does: files or folders (their own files, not those of folders in
 * them), many documents in one, lists of items. What an API server would refuse is refused here, with file, line and field; documents
 * that belong to others are handed back as {@link Result#foreign()}.
 *
 * <pre>{@code var resources = ResourceReader.read(List.of(Path.of("k8s/examples/01-rand-data.yaml"))).resources();}</pre>
 */
public final class ResourceReader {

    private static final Map<String, Class<? extends Resource>> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put(ObjectStore.KIND, ObjectStore.class);
        KINDS.put(Dataset.KIND, Dataset.class);
        KINDS.put(Function.KIND, Function.class);
        KINDS.put(Model.KIND, Model.class);
    }

    private final ObjectMapper mapper = Json.mapper();
    private final List<Loaded> loaded = new ArrayList<>();
    private final List<Foreign> foreign = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Loaded> names = new HashMap<>();

    private ResourceReader() {}

    /**
     * What the files hold, in their order.
     *
     * @param foreign documents of other API groups, which a cluster has and a laptop has not
     */
    public record Result(List<Loaded> loaded, List<Foreign> foreign) {

        public List<Resource> resources() {
            return loaded.stream().map(Loaded::resource).toList();
        }
    }

    /** A resource and where it stands; paths in its annotations are relative to the file's folder. */
    public record Loaded(Resource resource, Path file, int document, int line) {}

    /** A document that is not Tidemill's. */
    public record Foreign(Path file, int line, String kind, String name) {}

    /**
     * Reads files and folders.
     *
     * @throws InvalidResourcesException with everything that is wrong in any of them
     */
    public static Result read(List<Path> paths) {
        var reader = new ResourceReader();
        for (var path : paths) {
            reader.path(path);
        }
        return reader.finish();
    }

    /**
     * Reads a text.
     *
     * @param name stands for the file in messages
     * @throws InvalidResourcesException with everything that is wrong in it
     */
    public static Result read(Path name, String text) {
        var reader = new ResourceReader();
        reader.text(name, text);
        return reader.finish();
    }

    private Result finish() {
        if (!problems.isEmpty()) {
            throw new InvalidResourcesException(problems);
        }
        return new Result(List.copyOf(loaded), List.copyOf(foreign));
    }

    private void path(Path path) {
        if (!Files.isDirectory(path)) {
            file(path);
            return;
        }
        try (var entries = Files.list(path)) {
            var files = entries.filter(ResourceReader::readable).sorted().toList();
            if (files.isEmpty()) {
                problems.add(new Problem(path, 0, 0, "", "the folder has no .yaml, .yml or .json files"));
            }
            files.forEach(this::file);
        } catch (IOException e) {
            problems.add(new Problem(path, 0, 0, "", "cannot be listed: " + e));
        }
    }

    private static boolean readable(Path path) {
        return Files.isRegularFile(path) && path.toString().matches(".*\\.(yaml|yml|json)");
    }

    private void file(Path file) {
        try {
            text(file, Files.readString(file));
        } catch (CharacterCodingException e) {
            problems.add(new Problem(file, 0, 0, "", "is not UTF-8 text"));
        } catch (IOException e) {
            var reason = Files.exists(file) ? "cannot be read: " + e : "there is no such file";
            problems.add(new Problem(file, 0, 0, "", reason));
        }
    }

    private void text(Path file, String text) {
        // YAML takes no tab as white space and JSON does; inside a JSON string it would be escaped.
        var yaml = file.toString().endsWith(".json") ? text.replace('\t', ' ') : text;
        try {
            var documents = YamlDocument.parse(yaml);
            for (var i = 0; i < documents.size(); i++) {
                document(new Source(file, i + 1, documents.get(i)));
            }
        } catch (YamlDocument.SyntaxException e) {
            problems.add(new Problem(file, 0, e.line, "", String.valueOf(e.getMessage())));
        }
    }

    private void document(Source source) {
        source.yaml
                .duplicates()
                .forEach(found -> problems.add(
                        new Problem(source.file, source.number, found.line(), found.path(), found.message())));
        var json = source.yaml.json();
        if (json.path("kind").asText().equals("List") && json.path("items").isArray()) {
            for (var i = 0; i < json.path("items").size(); i++) {
                resource(source, json.path("items").get(i), "items[" + i + "]");
            }
        } else {
            resource(source, json, "");
        }
    }

    private void resource(Source source, JsonNode json, String root) {
        var type = type(source, json, root);
        if (type == null || !(json instanceof ObjectNode object)) {
            return;
        }
        var wanted = object.deepCopy();
        wanted.remove("status"); // what was seen elsewhere; an API server drops it too
        var violations = Shape.check(wanted, type);
        if (violations.isEmpty()) {
            var resource = bind(wanted, type);
            violations = Validation.check(resource);
            if (violations.isEmpty()) {
                add(source, resource, root);
            }
        }
        violations.forEach(violation -> problem(source, root, violation.path(), violation.message()));
    }

    private @Nullable Class<? extends Resource> type(Source source, JsonNode json, String root) {
        var version = json.path("apiVersion").asText();
        var kind = json.path("kind").asText();
        var type = KINDS.get(kind);
        if (!json.isObject() || version.isEmpty() || kind.isEmpty()) {
            problem(
                    source,
                    root,
                    "",
                    "a resource begins with apiVersion: " + Resource.API_VERSION + " and a kind: one of "
                            + String.join(", ", KINDS.keySet()));
        } else if (version.equals(Resource.API_VERSION)) {
            if (type != null) {
                return type;
            }
            var hint = NearMiss.hint(kind, KINDS.keySet());
            problem(
                    source,
                    root,
                    "kind",
                    "unknown kind \"" + kind + "\""
                            + (hint.isEmpty() ? "; there are " + String.join(", ", KINDS.keySet()) : hint));
        } else if (version.startsWith(Resource.GROUP + "/") || NearMiss.distance(version, Resource.API_VERSION) < 4) {
            problem(source, root, "apiVersion", "\"" + version + "\" is unknown here: write " + Resource.API_VERSION);
        } else {
            var line = source.yaml.line(root);
            foreign.add(new Foreign(
                    source.file, line, kind, json.path("metadata").path("name").asText()));
        }
        return null;
    }

    private Resource bind(ObjectNode json, Class<? extends Resource> type) {
        try {
            return mapper.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Shape has let through what Jackson refuses: " + json, e);
        }
    }

    private void add(Source source, Resource resource, String root) {
        var entry = new Loaded(resource, source.file, source.number, source.yaml.line(root));
        var namespace = resource instanceof ObjectStore
                ? ""
                : Objects.requireNonNullElse(resource.metadata().namespace(), "");
        var earlier = names.putIfAbsent(namespace + "/" + resource.reference(), entry);
        if (earlier == null) {
            loaded.add(entry);
        } else {
            problem(
                    source,
                    root,
                    "metadata.name",
                    resource.reference() + " is there already, in " + earlier.file() + " line " + earlier.line());
        }
    }

    private void problem(Source source, String root, String path, String message) {
        var full = root.isEmpty() || path.isEmpty() ? root + path : root + "." + path;
        problems.add(new Problem(source.file, source.number, source.yaml.line(full), full, message));
    }

    private record Source(Path file, int number, YamlDocument yaml) {}
}
