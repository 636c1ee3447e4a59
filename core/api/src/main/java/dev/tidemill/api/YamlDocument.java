package dev.tidemill.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One document of a YAML (or JSON) file as a JSON tree that remembers the line of every field. Scalars are read as {@code kubectl}
 * reads them, by the rules of YAML 1.1: {@code no} is a boolean, {@code 010} is eight, a date is text.
 */
final class YamlDocument {

    /** No resource has this many values; beyond it somebody nests aliases to exhaust memory. */
    private static final int MOST_NODES = 100_000;

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Set<String> TRUE = Set.of("true", "yes", "on", "y");
    private static final Set<String> LETTERS =
            Set.of("y", "Y", "n", "N"); // booleans to kubectl, though not to SnakeYAML
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonNode json;
    private final Map<String, Integer> lines = new HashMap<>();
    private final List<Found> duplicates = new ArrayList<>();
    private int nodes;

    /** A place and what is said about it. */
    record Found(int line, String path, String message) {}

    /** Thrown for text that is no YAML, with the line of the place. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1;

        final int line;

        SyntaxException(int line, String message) {
            super(message);
            this.line = line;
        }
    }

    private YamlDocument(Node root) throws SyntaxException {
        json = convert(root, "");
    }

    /** All documents of a file, empty ones left out as {@code kubectl} does. */
    static List<YamlDocument> parse(String text) throws SyntaxException {
        var options = new LoaderOptions();
        options.setMaxAliasesForCollections(50);
        var documents = new ArrayList<YamlDocument>();
        try {
            for (var root : new Yaml(new SafeConstructor(options)).composeAll(new StringReader(text))) {
                if (root instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL)) {
                    continue;
                }
                documents.add(new YamlDocument(root));
            }
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            var context = e.getContext() == null ? "" : e.getContext() + ", ";
            throw new SyntaxException(mark == null ? 1 : mark.getLine() + 1, "not YAML: " + context + e.getProblem());
        } catch (YAMLException e) {
            throw new SyntaxException(1, "not YAML: " + e.getMessage());
        }
        return documents;
    }

    JsonNode json() {
        return json;
    }

    /** The line of a field, or of the nearest field around it that is there. */
    int line(String path) {
        for (var at = path; ; at = parent(at)) {
            var line = lines.get(at);
            if (line != null) {
                return line;
            }
            if (at.isEmpty()) {
                return 1;
            }
        }
    }

    /** Keys that are given twice. */
    List<Found> duplicates() {
        return duplicates;
    }

    /** The path of a field: {@code spec.source}, or {@code metadata.annotations["tidemill.dev/local"]}. */
    static String field(String path, String name) {
        if (!PLAIN.matcher(name).matches()) {
            return path + "[\"" + name + "\"]";
        }
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String parent(String path) {
        if (path.endsWith("\"]")) {
            return path.substring(0, Math.max(0, path.indexOf("[\"")));
        }
        return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }

    private JsonNode convert(Node node, String path) throws SyntaxException {
        if (++nodes > MOST_NODES) {
            throw new SyntaxException(line(node.getStartMark()), "more than " + MOST_NODES + " values in one document");
        }
        lines.putIfAbsent(path, line(node.getStartMark()));
        return switch (node) {
            case ScalarNode scalar -> scalar(scalar);
            case SequenceNode sequence -> {
                var array = NODES.arrayNode();
                for (var item : sequence.getValue()) {
                    array.add(convert(item, path + "[" + array.size() + "]"));
                }
                yield array;
            }
            case MappingNode mapping -> mapping(mapping, path);
            default -> throw new SyntaxException(line(node.getStartMark()), "not YAML: an anchor without a value");
        };
    }

    private ObjectNode mapping(MappingNode mapping, String path) throws SyntaxException {
        var object = NODES.objectNode();
        var merged = new ArrayList<Node>();
        for (var entry : mapping.getValue()) {
            if (entry.getKeyNode().getTag().equals(Tag.MERGE)) {
                merged.add(entry.getValueNode());
            } else {
                put(object, entry, path);
            }
        }
        for (var node : merged) {
            merge(object, node, path);
        }
        return object;
    }

    private void put(ObjectNode object, NodeTuple entry, String path) throws SyntaxException {
        var line = line(entry.getKeyNode().getStartMark());
        if (!(entry.getKeyNode() instanceof ScalarNode key)) {
            throw new SyntaxException(line, "a key must be text");
        }
        var field = field(path, key.getValue());
        if (object.has(key.getValue())) {
            duplicates.add(new Found(line, field, "given twice, the first time in line " + line(field)));
            return;
        }
        lines.put(field, line);
        object.set(key.getValue(), convert(entry.getValueNode(), field));
    }

    /** YAML's {@code <<}: fields that are not given themselves. */
    private void merge(ObjectNode object, Node from, String path) throws SyntaxException {
        var sources = from instanceof SequenceNode several ? several.getValue() : List.of(from);
        for (var source : sources) {
            if (!(source instanceof MappingNode mapping)) {
                throw new SyntaxException(line(source.getStartMark()), "<< takes a mapping");
            }
            for (var field : mapping(mapping, path).properties()) {
                if (!object.has(field.getKey())) {
                    object.set(field.getKey(), field.getValue());
                }
            }
        }
    }

    private static JsonNode scalar(ScalarNode scalar) {
        var text = scalar.getValue();
        var tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            return NODES.nullNode();
        } else if (tag.equals(Tag.BOOL) || scalar.isPlain() && LETTERS.contains(text)) {
            return NODES.booleanNode(TRUE.contains(text.toLowerCase(Locale.ROOT)));
        } else if (tag.equals(Tag.INT) && text.indexOf(':') < 0) {
            var number = integer(text.replace("_", ""));
            return number.bitLength() < Long.SIZE ? NODES.numberNode(number.longValue()) : NODES.numberNode(number);
        } else if (tag.equals(Tag.FLOAT)) {
            try {
                return NODES.numberNode(new BigDecimal(text.replace("_", "")));
            } catch (NumberFormatException notInJson) {
                return NODES.textNode(text); // .inf, .nan and sexagesimals
            }
        }
        return NODES.textNode(text);
    }

    private static BigInteger integer(String text) {
        var negative = text.startsWith("-");
        var digits = negative || text.startsWith("+") ? text.substring(1) : text;
        BigInteger number;
        if (digits.startsWith("0x")) {
            number = new BigInteger(digits.substring(2), 16);
        } else if (digits.startsWith("0b")) {
            number = new BigInteger(digits.substring(2), 2);
        } else {
            number = new BigInteger(digits, digits.length() > 1 && digits.startsWith("0") ? 8 : 10);
        }
        return negative ? number.negate() : number;
    }

    private static int line(Mark mark) {
        return mark.getLine() + 1;
    }
}
