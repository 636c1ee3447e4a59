package dev.tidemill.local.importing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Access;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Functions declared by {@code function_name}, {@code function_data}, {@code handler} and {@code events}: the two JSON files that tell
 * a function its data and its events. Files about the same function become one resource.
 */
final class ArticleFiles {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Path folder;
    private final Options options;
    private final Findings findings;

    ArticleFiles(Path folder, Options options, Findings findings) {
        this.folder = folder;
        this.options = options;
        this.findings = findings;
    }

    static boolean isOne(Item root) {
        return root.get("function_name") != null;
    }

    List<FunctionDraft> functions(List<Item> roots) {
        var byName = new LinkedHashMap<String, List<Item>>();
        for (Item root : roots) {
            Item name = root.get("function_name");
            if (name != null) {
                byName.computeIfAbsent(name.text(), _ -> new ArrayList<>()).add(root);
            }
        }
        return byName.entrySet().stream()
                .map(function -> function(function.getKey(), function.getValue()))
                .toList();
    }

    private FunctionDraft function(String name, List<Item> files) {
        var draft = new FunctionDraft(Names.label(name), files.getFirst(), findings);
        Item handler = first(files, "handler");
        Value calls = handler == null ? null : Value.of(handler);
        for (Item file : files) {
            Item named = file.get("function_name");
            if (named != null) {
                named.carried(draft.field("metadata.name"));
            }
            Item again = file.get("handler");
            if (again != null) {
                draft.handler(again, Value.of(again), options.handler());
            }
        }
        if (calls != null && options.handler() != null) {
            calls = Value.known(options.handler(), calls.from());
        }
        if (calls == null) {
            draft.askHere("no handler is named: put it in spec.handler, such as %s.lambda_handler".formatted(name));
        }
        // Python, as the article's function is: no file says so.
        new Code(draft, options, folder)
                .local(
                        handler == null ? files.getFirst() : handler,
                        ".",
                        null,
                        Value.known("python", List.of()),
                        calls);
        data(draft, files);
        files.stream().map(file -> file.get("events")).forEach(events -> events(draft, events));
        return draft;
    }

    private static @Nullable Item first(List<Item> files, String key) {
        return files.stream()
                .map(file -> file.get(key))
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** From {@code function_data}; where no file has one, from what an event hands over. */
    private void data(FunctionDraft draft, List<Item> files) {
        Item given = first(files, "function_data");
        Item events = first(files, "events");
        if (given == null && events != null) {
            given = events.fields().values().stream()
                    .map(event -> event.get("detail"))
                    .filter(java.util.Objects::nonNull)
                    .map(detail -> detail.get("functionData"))
                    .filter(java.util.Objects::nonNull)
                    .findFirst()
                    .orElse(null);
        }
        if (given != null) {
            given.fields().forEach((name, binding) -> binding(draft, name, binding));
        }
    }

    private void binding(FunctionDraft draft, String name, Item binding) {
        Item type = binding.get("type");
        Item prefix = binding.getOr("s3_prefix", "s3Prefix");
        if (type == null || !type.text().equals("AWS_S3_Prefix") || prefix == null) {
            binding.refused("data of type AWS_S3_Prefix with an s3_prefix is known");
            return;
        }
        var from = new ArrayList<>(List.of(Value.of(type), Value.of(prefix)));
        Item bucket = binding.get("bucket");
        if (bucket == null) {
            draft.ask(prefix, "no bucket is named: %s is taken; say another with --bucket".formatted(options.bucket()));
        } else {
            from.add(Value.of(bucket));
        }
        Item scale = binding.get("scale");
        Integer shards = null;
        if (scale != null && scale.text().matches("[1-9]\\d{0,3}|10000")) {
            shards = Integer.valueOf(scale.text());
            from.add(Value.of(scale));
        } else if (scale != null) {
            scale.refused("a scale is 1 to 10000 shards");
        }
        draft.data(name, bucket == null ? options.bucket() : bucket.text(), prefix.text(), Access.Read, shards, from);
    }

    private static void events(FunctionDraft draft, @Nullable Item events) {
        if (events == null) {
            return;
        }
        events.fields().forEach((name, event) -> {
            Item source = event.get("source");
            Item detail = event.get("detail");
            if (source == null) {
                event.refused("an event has a source");
                return;
            }
            ObjectNode entry = JSON.objectNode();
            entry.putObject("filter").put("source", source.text());
            if (detail != null) {
                entry.set("detail", json(detail));
            }
            String field = draft.event(name, entry);
            source.carried(field);
            if (detail != null) {
                detail.carried(field);
            }
        });
    }

    private static JsonNode json(Item item) {
        if (item.isScalar()) {
            return item.scalar();
        }
        if (item.fields().isEmpty()) {
            var array = JSON.arrayNode();
            item.entries().forEach(entry -> array.add(json(entry)));
            return array;
        }
        var object = JSON.objectNode();
        item.fields().forEach((key, value) -> object.set(key, json(value)));
        return object;
    }
}
