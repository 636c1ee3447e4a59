package dev.tidemill.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields whose function is not built yet. A resource that uses one is refused with the reason {@value #REASON} when it is to be
 * worked on; it is never worked on as if the field were not there. Who builds the function takes the line out of the table.
 */
public final class NotYetSupported {

    /** The reason of the condition. */
    public static final String REASON = "NotYetSupported";

    /**
     * A field.
     *
     * @param path {@code []} stands for every entry of a list
     * @param value the one that needs what is not built; empty means any
     */
    private record Field(String kind, String path, String value, String message) {

        boolean usedBy(JsonNode node) {
            return switch (value) {
                case "" -> true;
                case NOT_AUTO -> !node.asText().equals("Auto");
                case MORE_THAN_ONE -> node.asInt() > 1;
                default -> node.asText().equals(value);
            };
        }
    }

    private static final String NOT_AUTO = "other than Auto";
    private static final String MORE_THAN_ONE = "> 1";

    private static final List<Field> TABLE = List.of(
            new Field(Dataset.KIND, "spec.format.type", "Image", "images are not read yet: use Raw"),
            new Field(
                    Dataset.KIND,
                    "spec.format.compression",
                    NOT_AUTO,
                    "each object's first bytes decide, so leave it out"),
            new Field(Dataset.KIND, "spec.output.format", "Image", "images are not written yet: use Raw"),
            new Field(Function.KIND, "spec.code", "", "code from a store is not run yet: use image"),
            new Field(
                    Function.KIND,
                    "spec.events[].schedule",
                    "",
                    "on a laptop nothing is called by the clock: use filter, or a cluster"),
            new Field(Function.KIND, "spec.path", "", "there is no address of the namespace yet: use status.url"),
            new Field(Function.KIND, "spec.invokers", "", "callers are not told apart yet: leave it out"),
            new Field(
                    Function.KIND,
                    "spec.scale.processes",
                    MORE_THAN_ONE,
                    "one process a pod for now: use scale.max or scale.concurrency"),
            new Field(Model.KIND, "spec.train", "", "models are not trained yet: use spec.source"),
            new Field(Model.KIND, "spec.drift", "", "live data is not compared yet: leave it out"));

    private NotYetSupported() {}

    /** Every field of the resource that cannot be honoured yet. */
    public static List<Violation> check(Resource resource) {
        var json = Json.mapper().<JsonNode>valueToTree(resource);
        var found = new ArrayList<Violation>();
        for (var field : TABLE) {
            if (field.kind().equals(resource.kind())) {
                find(json, "", field.path(), field, found);
            }
        }
        return found;
    }

    /** The table, for the reference page: kind and path, and what to do instead. */
    static List<Violation> table() {
        return TABLE.stream()
                .map(field -> new Violation(
                        field.kind() + " " + field.path() + (field.value().isEmpty() ? "" : ": " + field.value()),
                        field.message()))
                .toList();
    }

    private static void find(JsonNode node, String at, String rest, Field field, List<Violation> found) {
        if (rest.isEmpty()) {
            if (field.usedBy(node)) {
                found.add(new Violation(at, "is not supported yet; " + field.message()));
            }
        } else if (rest.startsWith("[]")) {
            for (var i = 0; i < node.size(); i++) {
                find(node.get(i), at + "[" + i + "]", rest.substring(2), field, found);
            }
        } else {
            var name = rest.split("[.\\[]", -1)[rest.startsWith(".") ? 1 : 0];
            var after = rest.substring(rest.indexOf(name) + name.length());
            if (node.hasNonNull(name)) {
                find(node.get(name), YamlDocument.field(at, name), after, field, found);
            }
        }
    }
}
