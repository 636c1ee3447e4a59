package dev.tidemill.local.importing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.PathRoutes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What calls a function, as entries of {@code spec.events}. An event source is carried over whole or refused whole: half a filter would
 * call the function for what it was never meant to see.
 */
final class EventSources {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** The rules that Tidemill matches in data. */
    private static final Set<String> RULES =
            Set.of("prefix", "suffix", "equals-ignore-case", "exists", "anything-but", "numeric");

    /** As API Gateway and Serverless write it: whatever no other route takes. */
    private static final Set<String> CATCH_ALL = Set.of("/$default", "/*");

    /** The rest of a path, at its end. */
    private static final Pattern GREEDY = Pattern.compile("/\\{[^{}/]+\\+}$");

    private final FunctionDraft function;
    private final Expressions expressions;

    EventSources(FunctionDraft function, Expressions expressions) {
        this.function = function;
        this.expressions = expressions;
    }

    /**
     * A bucket's notifications.
     *
     * @param source everything about it
     * @param prefix of the keys, null for any; so with {@code suffix}
     * @param along what else said that it is one
     */
    void bucket(
            String name,
            Item source,
            Value bucket,
            List<Value> types,
            @Nullable Value prefix,
            @Nullable Value suffix,
            List<Item> along) {
        var used = Stream.concat(
                        Stream.concat(Stream.of(bucket), types.stream()),
                        Stream.of(prefix, suffix).filter(java.util.Objects::nonNull))
                .toList();
        var unknown = used.stream().filter(value -> value.text() == null).findFirst();
        if (unknown.isPresent()) {
            source.refused(unknown.get().why());
            return;
        }
        var names = types.stream()
                .flatMap(type -> names(String.valueOf(type.text())))
                .distinct()
                .toList();
        if (names.isEmpty()) {
            source.refused("no store tells of such events: ObjectCreated and ObjectRemoved are told");
            return;
        }
        for (String type : names) {
            ObjectNode event = JSON.objectNode();
            event.putObject("filter").put("type", EventTypes.STORE_PREFIX + type);
            ObjectNode s3 = event.putObject("detail").putObject("s3");
            s3.putObject("bucket").putArray("name").add(bucket.text());
            if (prefix != null || suffix != null) {
                ObjectNode rule = s3.putObject("object").putArray("key").addObject();
                if (prefix != null) {
                    rule.put("prefix", escaped(String.valueOf(prefix.text())));
                }
                if (suffix != null) {
                    rule.put("suffix", escaped(String.valueOf(suffix.text())));
                }
            }
            String field = function.event(names.size() == 1 ? name : name + "-" + type.replaceFirst(".*:", ""), event);
            used.forEach(value -> value.carried(field));
            along.forEach(item -> item.carried(field));
        }
        if (!function.opens(String.valueOf(bucket.text()))) {
            function.ask(
                    source,
                    "the bucket %s tells a function of what it opens only: add the prefix to spec.data"
                            .formatted(bucket.text()));
        }
    }

    private static Stream<String> names(String type) {
        String name = type.startsWith("s3:") ? type.substring("s3:".length()) : type;
        return switch (name) {
            case "ObjectCreated:*" ->
                Stream.of("Put", "Post", "Copy", "CompleteMultipartUpload").map("ObjectCreated:"::concat);
            case "ObjectRemoved:*" -> Stream.of("Delete", "DeleteMarkerCreated").map("ObjectRemoved:"::concat);
            default -> name.matches("Object(Created|Removed):[A-Za-z]+") ? Stream.of(name) : Stream.empty();
        };
    }

    /** As keys stand in the data of a notification. */
    private static String escaped(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8).replace("%2F", "/");
    }

    /** A rate or a cron expression. */
    void schedule(String name, Item source, Item expression, List<Item> along) {
        Value value = expressions.value(expression);
        var cron = Schedules.cron(String.valueOf(value.text()));
        if (value.text() == null || cron.isEmpty()) {
            source.refused(
                    value.text() == null
                            ? value.why()
                            : "a cron expression of five fields cannot say %s: write one that is near enough"
                                    .formatted(value.text()));
            return;
        }
        String field = function.event(name, JSON.objectNode().put("schedule", cron.get()));
        value.carried(field);
        along.forEach(item -> item.carried(field));
    }

    /** A pattern of EventBridge's: one entry for each source and type that it names. */
    void pattern(String name, Item source, Item pattern, List<Item> along) {
        var known = Set.of("source", "detail-type", "detail", "account", "region");
        var beyond = pattern.fields().keySet().stream()
                .filter(key -> !known.contains(key))
                .findFirst();
        if (beyond.isPresent()) {
            source.refused("spec.events cannot ask for %s, and without it the function would be called for more"
                    .formatted(beyond.get()));
            return;
        }
        List<Value> sources = texts(pattern.get("source"));
        List<Value> types = texts(pattern.get("detail-type"));
        Item wanted = pattern.get("detail");
        var unknown = Stream.concat(sources.stream(), types.stream())
                .filter(value -> value.text() == null)
                .findFirst();
        if (unknown.isPresent()) {
            source.refused(unknown.get().why());
        } else if (sources.isEmpty() && types.isEmpty()) {
            source.refused("spec.events wants a source or a type to filter by");
        } else if (wanted != null && !isMatched(wanted)) {
            source.refused("spec.events.detail knows the rules "
                    + String.join(", ", RULES.stream().sorted().toList()) + " only");
        } else {
            Stream.of("account", "region")
                    .map(pattern::get)
                    .filter(java.util.Objects::nonNull)
                    .forEach(item -> item.refused("there is one cluster, and no account or region of AWS'"));
            entries(name, sources, types, wanted, along);
        }
    }

    private void entries(String name, List<Value> sources, List<Value> types, @Nullable Item wanted, List<Item> along) {
        for (Value from : sources.isEmpty() ? List.of(Value.known("", List.of())) : sources) {
            for (Value type : types.isEmpty() ? List.of(Value.known("", List.of())) : types) {
                ObjectNode event = JSON.objectNode();
                ObjectNode filter = event.putObject("filter");
                if (!sources.isEmpty()) {
                    filter.put("source", from.text());
                }
                if (!types.isEmpty()) {
                    filter.put("type", type.text());
                }
                if (wanted != null) {
                    event.set("detail", json(wanted));
                }
                String field = function.event(name, event);
                from.carried(field);
                type.carried(field);
                along.forEach(item -> item.carried(field));
                if (wanted != null) {
                    wanted.carried(field);
                }
            }
        }
    }

    private List<Value> texts(@Nullable Item item) {
        if (item == null) {
            return List.of();
        }
        var values = new ArrayList<Value>();
        for (Item entry : item.entries().isEmpty() ? List.of(item) : item.entries()) {
            values.add(
                    entry.isScalar() || Expressions.isIntrinsic(entry)
                            ? expressions.value(entry)
                            : Value.unknown(
                                    entry, "spec.events.filter compares whole texts: write the ones that are meant"));
        }
        return values;
    }

    private static boolean isMatched(Item pattern) {
        return pattern.fields().entrySet().stream()
                        .noneMatch(field -> field.getKey().equals("$or"))
                && pattern.fields().values().stream().allMatch(EventSources::isMatched)
                && pattern.entries().stream()
                        .allMatch(rule -> rule.fields().keySet().stream().allMatch(RULES::contains));
    }

    private JsonNode json(Item item) {
        if (item.isScalar()) {
            String text = expressions.value(item).text();
            return item.scalar().isTextual() && text != null ? JSON.textNode(text) : item.scalar();
        }
        if (!item.fields().isEmpty()) {
            ObjectNode object = JSON.objectNode();
            item.fields().forEach((key, value) -> object.set(key, json(value)));
            return object;
        }
        ArrayNode array = JSON.arrayNode();
        item.entries().forEach(entry -> array.add(json(entry)));
        return array;
    }

    /** A route of an HTTP API. */
    void route(Item source, Item path, List<Item> along, @Nullable Item method) {
        route(source, expressions.value(path), along, method);
    }

    void route(Item source, Value value, List<Item> along, @Nullable Item method) {
        String at = String.valueOf(value.text());
        String asked = at.startsWith("/") ? at : "/" + at;
        String route = PathRoutes.plain(
                CATCH_ALL.contains(asked) ? "/" : GREEDY.matcher(asked).replaceFirst("/"));
        boolean fixed = !route.contains("{") && !route.contains("*") && !route.contains("$");
        if (value.text() == null) {
            source.refused(value.why());
        } else if (function.leads(asked)) {
            carry(value, along, method);
            if (!fixed) {
                function.ask(source, "%s is below its spec.path: read rawPath for what varies".formatted(asked));
            }
        } else if (!fixed) {
            source.refused(
                    "spec.path is one fixed path: lead it to the part before the variable one, and read rawPath in the handler");
        } else if (!function.path(route)) {
            source.refused("a function has one spec.path, and another route came first");
        } else {
            carry(value, along, method);
            if (!route.equals(PathRoutes.plain(asked))) {
                function.ask(
                        source,
                        "spec.path %s leads here with all below it: read rawPath for the rest".formatted(route));
            }
            function.askHere("who may call it? Nobody may until spec.invokers names ServiceAccounts");
        }
    }

    private void carry(Value value, List<Item> along, @Nullable Item method) {
        String field = function.field("spec.path");
        value.carried(field);
        along.forEach(item -> item.carried(field));
        if (method != null) {
            method.refused("a path leads here whatever the method: look at requestContext.http.method in the handler");
        }
    }

    /** A route of an HTTP API for whatever no other route takes. */
    void catchAll(Item source, List<Item> along, @Nullable Item method) {
        route(source, Value.known("/$default", List.of()), along, method);
    }
}
