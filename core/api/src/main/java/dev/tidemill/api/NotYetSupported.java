package dev.tidemill.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * The fields whose function is not built yet, on a laptop, on a cluster or in both places. A resource that uses one is refused with the
 * reason {@value #REASON} when it is to be worked on; it is never worked on as if the field were not there. Who builds the function
 * takes the line out of the table.
 */
public final class NotYetSupported {

    /** The reason of the condition. */
    public static final String REASON = "NotYetSupported";

    /** Where a resource is to be worked on. */
    public enum Place {
        Laptop,
        Cluster
    }

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
                default -> node.asText().equals(value);
            };
        }
    }

    private static final String NOT_AUTO = "other than Auto";

    private static final List<Field> EVERYWHERE = List.of(
            new Field(
                    Dataset.KIND,
                    "spec.format.compression",
                    NOT_AUTO,
                    "each object's first bytes decide, so leave it out"),
            new Field(Dataset.KIND, "spec.output.format", "Image", "images are not written yet: use Raw"));

    private static final List<Field> ON_A_LAPTOP = List.of();

    private static final List<Field> ON_A_CLUSTER = List.of(new Field(
            Dataset.KIND, "spec.deletionPolicy", "Delete", "what a Dataset wrote is not removed with it: use Retain"));

    private NotYetSupported() {}

    /** Every field of the resource that cannot be honoured there yet. */
    public static List<Violation> check(Resource resource, Place place) {
        var json = Json.mapper().<JsonNode>valueToTree(resource);
        var found = new ArrayList<Violation>();
        Stream.concat(EVERYWHERE.stream(), only(place).stream())
                .filter(field -> field.kind().equals(resource.kind()))
                .forEach(field -> find(json, "", field.path(), field, found));
        return found;
    }

    private static List<Field> only(Place place) {
        return switch (place) {
            case Laptop -> ON_A_LAPTOP;
            case Cluster -> ON_A_CLUSTER;
        };
    }

    /** The tables, for the reference page: kind and path, and what to do instead, by where that is so. */
    static SequencedMap<String, List<Violation>> tables() {
        var tables = new LinkedHashMap<String, List<Violation>>();
        tables.put("everywhere", rows(EVERYWHERE));
        tables.put("on a laptop", rows(ON_A_LAPTOP));
        tables.put("on a cluster", rows(ON_A_CLUSTER));
        return tables;
    }

    private static List<Violation> rows(List<Field> fields) {
        return fields.stream()
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
