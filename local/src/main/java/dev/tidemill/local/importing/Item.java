package dev.tidemill.local.importing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A value of an input file: where it stands, and what has become of it. Every leaf ends in one of two ways: carried over to a field
 * of the output, or listed with the reason why not.
 */
final class Item {

    private final Place place;
    private final JsonNode scalar;
    private final String text;
    private final SequencedMap<String, Item> fields;
    private final List<Item> entries;

    private final SequencedSet<String> carriedTo = new LinkedHashSet<>();
    private @Nullable String refusal;
    private @Nullable Item standsFor;

    /**
     * @param line counted from 1
     * @param path such as {@code Resources.Hello.Properties.Layers[0]}
     */
    record Place(Path file, int line, String path) {
        @Override
        public String toString() {
            return file + ":" + line + ": " + path;
        }
    }

    private Item(Place place, JsonNode scalar, String text, SequencedMap<String, Item> fields, List<Item> entries) {
        this.place = place;
        this.scalar = scalar;
        this.text = text;
        this.fields = fields;
        this.entries = entries;
    }

    static Item scalar(Place place, JsonNode scalar, String text) {
        return new Item(place, scalar, text, new LinkedHashMap<>(), List.of());
    }

    static Item list(Place place, List<Item> entries) {
        return new Item(place, MissingNode.getInstance(), "", new LinkedHashMap<>(), List.copyOf(entries));
    }

    static Item map(Place place, SequencedMap<String, Item> fields) {
        return new Item(place, MissingNode.getInstance(), "", fields, List.of());
    }

    /** The same, standing in another line; before anything has become of it. */
    Item at(int line) {
        return new Item(new Place(place.file(), line, place.path()), scalar, text, fields, entries);
    }

    Place place() {
        return place;
    }

    boolean isScalar() {
        return !scalar.isMissingNode();
    }

    /** As it is written, whatever its type. */
    String text() {
        return text;
    }

    JsonNode scalar() {
        return scalar;
    }

    @Nullable
    Item get(String key) {
        return fields.get(key);
    }

    /** The first of two fields that mean the same. */
    @Nullable
    Item getOr(String key, String otherKey) {
        Item item = fields.get(key);
        return item == null ? fields.get(otherKey) : item;
    }

    SequencedMap<String, Item> fields() {
        return fields;
    }

    List<Item> entries() {
        return entries;
    }

    /** The one field of a map that has no other, as an intrinsic function is written. */
    Map.@Nullable Entry<String, Item> only() {
        return fields.size() == 1 ? fields.firstEntry() : null;
    }

    /** Scalars and empty collections at or beneath this one. */
    Stream<Item> leaves() {
        return fields.isEmpty() && entries.isEmpty()
                ? Stream.of(this)
                : Stream.concat(fields.values().stream(), entries.stream()).flatMap(Item::leaves);
    }

    void carried(String target) {
        leaves().forEach(leaf -> {
            leaf.carriedTo.add(target);
            leaf.refusal = null;
        });
    }

    /** What was carried already stays so. */
    void refused(String reason) {
        leaves().filter(leaf -> !leaf.settled()).forEach(leaf -> leaf.refusal = reason);
    }

    /** A reference: it is carried over if anything is that it leads to. */
    void standsFor(Item target) {
        standsFor = target;
    }

    boolean settled() {
        return refusal != null || !carriedTo.isEmpty();
    }

    List<String> carriedTo() {
        return List.copyOf(carriedTo);
    }

    @Nullable
    String refusal() {
        return refusal;
    }

    /** A reference goes the way of what it stands for. */
    void follow() {
        if (!settled() && standsFor != null) {
            standsFor.leaves().forEach(leaf -> carriedTo.addAll(leaf.followed()));
            if (carriedTo.isEmpty()) {
                refusal = "nothing of what it stands for is carried over";
            }
        }
    }

    private List<String> followed() {
        var targets = new ArrayList<>(carriedTo);
        if (standsFor != null) {
            standsFor.leaves().forEach(leaf -> targets.addAll(leaf.followed()));
        }
        return targets;
    }
}
