package dev.tidemill.local.importing;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.CollectionNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** The leaves of a file, found without the importer's own reader; and the file without some of them. */
final class Leaves {

    private final Node root;

    private Leaves(Node root) {
        this.root = root;
    }

    static Leaves of(Path file) throws IOException {
        String text = Files.readString(file).replace('\t', ' ');
        return new Leaves(new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(text)));
    }

    /** As the importer names them. */
    List<String> paths() {
        var paths = new ArrayList<String>();
        walk(root, "", path -> {
            paths.add(path);
            return false;
        });
        return paths;
    }

    /** The text of the file without the leaves at these paths. */
    String without(List<String> paths) {
        walk(root, "", paths::contains);
        var text = new StringWriter();
        new Yaml().serialize(root, text);
        return text.toString();
    }

    /** Removes the leaves that are chosen; true if the node itself is. */
    private static boolean walk(Node node, String path, Predicate<String> chosen) {
        if (node instanceof CollectionNode<?> collection
                && !collection.getValue().isEmpty()) {
            if (node instanceof MappingNode mapping) {
                mapping.setValue(mapping.getValue().stream()
                        .filter(entry -> !walk(entry.getValueNode(), field(path, entry.getKeyNode()), chosen))
                        .toList());
            } else if (node instanceof SequenceNode sequence) {
                var kept = new ArrayList<Node>();
                for (int i = 0; i < sequence.getValue().size(); i++) {
                    if (!walk(sequence.getValue().get(i), path + "[" + i + "]", chosen)) {
                        kept.add(sequence.getValue().get(i));
                    }
                }
                sequence.getValue().clear();
                sequence.getValue().addAll(kept);
            }
            return false;
        }
        return chosen.test(path);
    }

    private static String field(String path, Node key) {
        String name = ((ScalarNode) key).getValue();
        if (!name.matches("[A-Za-z0-9_:/-]+")) {
            return path + "[\"" + name + "\"]";
        }
        return path.isEmpty() ? name : path + "." + name;
    }
}
