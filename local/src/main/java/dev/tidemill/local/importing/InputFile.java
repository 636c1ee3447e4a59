package dev.tidemill.local.importing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tidemill.local.importing.Item.Place;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Reads YAML or JSON as a tree; CloudFormation's short forms ({@code !Ref X}) become the long ones ({@code {Ref: X}}). */
final class InputFile {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_:/-]+");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** No template has as many; beyond it somebody nests aliases to exhaust memory. */
    private static final int MOST_NODES = 100_000;

    private final Path file;
    private int nodes;

    private InputFile(Path file) {
        this.file = file;
    }

    /**
     * @param shown how messages name the file
     * @throws ImportException if there is no such file, or it is neither YAML nor JSON
     */
    static Item read(Path file, Path shown) {
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ImportException(shown + ": is not UTF-8 text");
        } catch (IOException e) {
            throw new ImportException(shown + ": "
                    + (Files.isDirectory(file)
                            ? "is a folder: name a file in it"
                            : Files.exists(file) ? "cannot be read: " + e : "there is no such file"));
        }
        return new InputFile(shown).parse(file.toString().endsWith(".json") ? text.replace('\t', ' ') : text);
    }

    private Item parse(String text) {
        var options = new LoaderOptions();
        options.setMaxAliasesForCollections(50);
        try {
            Node root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
            if (root == null) {
                throw new ImportException(file + ": is empty");
            }
            return convert(root, "");
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            throw new ImportException("%s:%d: is neither YAML nor JSON: %s%s"
                    .formatted(
                            file,
                            mark == null ? 1 : mark.getLine() + 1,
                            e.getContext() == null ? "" : e.getContext() + ", ",
                            e.getProblem()));
        } catch (YAMLException e) {
            throw new ImportException(file + ": is neither YAML nor JSON: " + e.getMessage());
        }
    }

    private Item convert(Node node, String path) {
        if (++nodes > MOST_NODES) {
            throw new ImportException(file + ": more than " + MOST_NODES + " values");
        }
        String tag = node.getTag().getValue();
        if (tag.startsWith("!") && tag.length() > 1) {
            String name = tag.equals("!Ref") || tag.equals("!Condition") ? tag.substring(1) : "Fn::" + tag.substring(1);
            var function = new LinkedHashMap<String, Item>();
            function.put(name, content(node, path));
            return Item.map(place(node, path), function);
        }
        return content(node, path);
    }

    private Item content(Node node, String path) {
        return switch (node) {
            case ScalarNode scalar -> scalar(scalar, path);
            case SequenceNode sequence -> {
                var entries = new ArrayList<Item>();
                for (Node entry : sequence.getValue()) {
                    entries.add(convert(entry, path + "[" + entries.size() + "]"));
                }
                yield Item.list(place(node, path), entries);
            }
            case MappingNode mapping -> mapping(mapping, path);
            default -> throw new ImportException(place(node, path) + ": an anchor without a value");
        };
    }

    private Item mapping(MappingNode mapping, String path) {
        var fields = new LinkedHashMap<String, Item>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw new ImportException(place(entry.getKeyNode(), path) + ": a key must be text");
            }
            if (key.getTag().equals(Tag.MERGE)) {
                continue;
            }
            if (fields.containsKey(key.getValue())) {
                throw new ImportException(place(key, field(path, key.getValue())) + ": given twice");
            }
            // A field stands where its key does: the value of a block begins a line later.
            Item value = convert(entry.getValueNode(), field(path, key.getValue()));
            fields.put(key.getValue(), value.at(line(key)));
        }
        for (NodeTuple entry : mapping.getValue()) {
            if (entry.getKeyNode().getTag().equals(Tag.MERGE)) {
                merge(fields, entry.getValueNode(), path);
            }
        }
        return Item.map(place(mapping, path), fields);
    }

    /** YAML's {@code <<}: fields that are not given themselves. */
    private void merge(Map<String, Item> fields, Node from, String path) {
        if (from instanceof SequenceNode several) {
            several.getValue().forEach(one -> merge(fields, one, path));
        } else if (from instanceof MappingNode mapping) {
            mapping(mapping, path).fields().forEach(fields::putIfAbsent);
        } else {
            throw new ImportException(place(from, path) + ": << takes a mapping");
        }
    }

    private Item scalar(ScalarNode scalar, String path) {
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        Place place = place(scalar, path);
        if (tag.equals(Tag.NULL)) {
            return Item.scalar(place, NODES.nullNode(), "");
        }
        if (tag.equals(Tag.BOOL)) {
            boolean is = text.matches("(?i)true|yes|on");
            return Item.scalar(place, NODES.booleanNode(is), Boolean.toString(is));
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            try {
                return Item.scalar(place, NODES.numberNode(new BigDecimal(text)), text);
            } catch (NumberFormatException notInJson) {
                return Item.scalar(place, NODES.textNode(text), text);
            }
        }
        return Item.scalar(place, NODES.textNode(text), text);
    }

    private Place place(Node node, String path) {
        return new Place(file, line(node), path);
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private static String field(String path, String name) {
        if (!PLAIN.matcher(name).matches()) {
            return path + "[\"" + name + "\"]";
        }
        return path.isEmpty() ? name : path + "." + name;
    }
}
