package dev.tidemill.charts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.comments.CommentType;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * One value of the chart, as {@code values.yaml} has it.
 *
 * @param path from the root, with dots
 * @param text the comment above it, in one line
 * @param schema what the comment adds to the value's JSON schema; with a type in it, the value is not looked into
 * @param value the default
 * @param children in their order; none for a leaf
 */
record Value(String path, String text, Map<String, Object> schema, Object value, List<Value> children) {

    private static final String SCHEMA = "schema:";

    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** All values of a file, below a root without a name. */
    static Value parse(String yaml) {
        var options = new LoaderOptions();
        options.setProcessComments(true);
        var root = new Yaml(options).compose(new java.io.StringReader(yaml));
        return of("", List.of(), root);
    }

    private static Value of(String path, List<CommentLine> comments, Node node) {
        var schema = new TreeMap<String, Object>();
        var text = new ArrayList<String>();
        for (var line : comments) {
            var words = line.getValue().strip();
            if (line.getCommentType() == CommentType.BLANK_LINE) {
                // What stands before an empty line is about the file.
                text.clear();
            } else if (words.startsWith(SCHEMA)) {
                Map<String, Object> more = new Yaml().load(words.substring(SCHEMA.length()));
                schema.putAll(more);
            } else {
                text.add(words);
            }
        }
        var children = new ArrayList<Value>();
        if (node instanceof MappingNode mapping && !schema.containsKey("type")) {
            for (var tuple : mapping.getValue()) {
                var key = ((ScalarNode) tuple.getKeyNode()).getValue();
                var above = tuple.getKeyNode().getBlockComments();
                children.add(of(
                        path.isEmpty() ? key : path + "." + key,
                        above == null ? List.of() : above,
                        tuple.getValueNode()));
            }
        }
        return new Value(path, String.join(" ", text), schema, plain(node), children);
    }

    private static Object plain(Node node) {
        return new SafeConstructor(new LoaderOptions()) {
            Object construct() {
                return constructDocument(node);
            }
        }.construct();
    }
}
