package dev.tidemill.local.importing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The functions of a {@code serverless.yml}, with the defaults of {@code provider} and the variables of the Serverless Framework
 * (Serverless Framework documentation, "Serverless.yml Reference", version 3).
 */
final class ServerlessFile {

    /** Fields of {@code provider} that a function has too. */
    private static final Set<String> SHARED = Set.of("runtime", "timeout", "memorySize", "architecture");

    private final Item service;
    private final Path folder;
    private final Options options;
    private final Findings findings;
    private final Variables variables;
    private final Expressions expressions;

    ServerlessFile(Item service, Path folder, Path shownFolder, Options options, Findings findings) {
        this.service = service;
        this.folder = folder;
        this.options = options;
        this.findings = findings;
        this.variables = new Variables(service, folder, shownFolder, options);
        Item resources = service.get("resources");
        var intrinsics = new Intrinsics(
                resources == null ? service : variables.behind(resources), options.parameters(), variables::expand);
        this.expressions = new Expressions() {
            @Override
            public Value value(Item item) {
                return intrinsics.value(item);
            }

            @Override
            public Item behind(Item item) {
                return variables.behind(item);
            }
        };
    }

    /** The file itself, and what it draws in. */
    List<Item> roots() {
        return variables.roots();
    }

    List<FunctionDraft> functions() {
        Item provider = provider();
        Item name = provider.get("name");
        if (name != null && !name.text().equals("aws")) {
            throw new ImportException(
                    "%s: functions of %s are not read, only those of aws".formatted(name.place(), name.text()));
        }
        if (name != null) {
            name.refused("it says how to read this file");
        }
        var drafts = new ArrayList<FunctionDraft>();
        Item functions = service.get("functions");
        for (Item group : functions == null ? List.<Item>of() : groups(variables.behind(functions))) {
            group.fields().forEach((id, function) -> drafts.add(function(id, variables.behind(function), provider)));
        }
        refuseResources();
        return drafts;
    }

    private void refuseResources() {
        Item resources = service.get("resources");
        Item made = resources == null ? null : variables.behind(resources).get("Resources");
        if (made != null) {
            made.fields().values().forEach(resource -> {
                Item type = resource.get("Type");
                resource.refused(
                        (type == null ? "a resource" : type.text()) + " is not made: functions alone are carried over");
            });
        }
    }

    /** {@code functions} may be a list of maps. */
    private List<Item> groups(Item functions) {
        return functions.entries().isEmpty()
                ? List.of(functions)
                : functions.entries().stream().map(variables::behind).toList();
    }

    private Item provider() {
        Item provider = service.get("provider");
        if (provider == null) {
            throw new ImportException(service.place().file() + ": a serverless.yml has a provider");
        }
        return variables.behind(provider);
    }

    private FunctionDraft function(String id, Item function, Item provider) {
        Item named = function.get("name");
        Value name = named == null ? null : expressions.value(named);
        var draft = new FunctionDraft(
                Names.label(name == null || name.text() == null ? id : name.text()), function, findings);
        if (named != null && name != null) {
            if (name.text() == null) {
                named.refused(name.why());
            } else {
                name.carried(draft.field("metadata.name"));
            }
        }
        var fields = new LinkedHashMap<String, Item>();
        provider.fields().forEach((key, item) -> {
            if (SHARED.contains(key)) {
                fields.put(key, item);
            }
        });
        fields.putAll(function.fields());
        simple(draft, fields);
        environment(draft, function, provider);
        code(draft, function, fields);
        permissions(draft, function, provider);
        Item events = function.get("events");
        if (events != null) {
            List<Item> sources = variables.behind(events).entries();
            for (int i = 0; i < sources.size(); i++) {
                event(draft, id, i, variables.behind(sources.get(i)));
            }
        }
        return draft;
    }

    private void simple(FunctionDraft draft, Map<String, Item> fields) {
        fields.forEach((key, item) -> {
            switch (key) {
                case "handler" -> draft.handler(item, expressions.value(item), options.handler());
                case "timeout" -> draft.timeout(item, expressions.value(item));
                case "memorySize" -> draft.memory(item, expressions.value(item));
                case "reservedConcurrency" -> draft.maxConcurrency(item, expressions.value(item));
                case "provisionedConcurrency" -> draft.minScale(item, expressions.value(item));
                case "architecture" -> draft.architecture(item, expressions.value(item));
                case "description" -> {
                    Value text = expressions.value(item);
                    if (text.text() == null) {
                        item.refused(text.why());
                    } else {
                        draft.annotate("kubernetes.io/description", text.text(), text);
                    }
                }
                default -> {
                    // Read by one of the others, or by nobody: then it is listed.
                }
            }
        });
    }

    private void environment(FunctionDraft draft, Item function, Item provider) {
        var given = new LinkedHashMap<String, Item>();
        Stream.of(provider, function)
                .map(holder -> holder.get("environment"))
                .filter(Objects::nonNull)
                .forEach(environment ->
                        given.putAll(variables.behind(environment).fields()));
        given.forEach((variable, item) -> draft.env(variable, item, expressions.value(item)));
    }

    private void code(FunctionDraft draft, Item function, Map<String, Item> fields) {
        Item runtime = fields.get("runtime");
        Item handler = fields.get("handler");
        Item image = function.get("image");
        Value name = image == null ? null : expressions.value(Objects.requireNonNullElse(image.get("uri"), image));
        if (name != null && name.text() != null && name.text().contains("/")) {
            draft.image(name.text(), List.of(name));
            return;
        } else if (image != null) {
            image.refused("an image of provider.ecr.images: push it, and put its name in spec.image");
        }
        Value calls = handler == null ? null : expressions.value(handler);
        if (calls != null && options.handler() != null) {
            calls = Value.known(options.handler(), calls.from());
        }
        new Code(draft, options, folder)
                .local(function, ".", null, runtime == null ? null : expressions.value(runtime), calls);
    }

    /** Of the provider's one role for all, and of the plugin that gives each function its own. */
    private void permissions(FunctionDraft draft, Item function, Item provider) {
        var access = new BucketAccess(expressions);
        Item own = function.get("iamRoleStatements");
        Item inherits = function.get("iamRoleStatementsInherit");
        if (own != null) {
            access.statements(own);
        }
        if (own == null || inherits != null && inherits.text().equals("true")) {
            Stream.of(provider.get("iamRoleStatements"), at(provider, "iam", "role", "statements"))
                    .filter(Objects::nonNull)
                    .forEach(access::statements);
        }
        draft.data(access);
        if (inherits != null) {
            inherits.carried(draft.field("spec.data"));
        }
    }

    private @Nullable Item at(Item from, String... keys) {
        Item at = from;
        for (String key : keys) {
            at = at == null ? null : variables.behind(at).get(key);
        }
        return at;
    }

    private void event(FunctionDraft draft, String id, int index, Item event) {
        var only = event.only();
        String kind = only == null ? event.text() : only.getKey();
        Item given = only == null ? event : variables.behind(only.getValue());
        var sources = new EventSources(draft, expressions);
        String name = id + "-" + (index + 1);
        switch (kind) {
            case "http", "httpApi" -> route(draft, sources, given);
            case "schedule" -> schedule(sources, name, given);
            case "s3" -> bucket(sources, name, given);
            case "eventBridge" -> {
                Item pattern = given.get("pattern");
                Item schedule = given.get("schedule");
                if (pattern != null) {
                    sources.pattern(name, given, variables.behind(pattern), List.of());
                } else if (schedule != null) {
                    sources.schedule(name, given, schedule, List.of());
                }
            }
            case "cloudwatchEvent" -> {
                Item pattern = given.get("event");
                if (pattern != null) {
                    sources.pattern(name, given, variables.behind(pattern), List.of());
                }
            }
            default ->
                event.refused(
                        "nothing here listens to %s: let whatever feeds it send CloudEvents to a broker, and name them in spec.events"
                                .formatted(kind));
        }
    }

    /** {@code GET /path}, {@code *}, or a map. */
    private void route(FunctionDraft draft, EventSources sources, Item given) {
        if (!given.isScalar()) {
            Item path = given.get("path");
            if (path == null) {
                given.refused("a route without a path");
            } else {
                sources.route(given, path, List.of(), given.get("method"));
            }
            return;
        }
        Value text = expressions.value(given);
        String[] parts = String.valueOf(text.text()).strip().split("\\s+", 2);
        if (text.text() == null || parts.length < 2) {
            if (text.text() == null) {
                given.refused(text.why());
            } else if (parts[0].equals("*") || parts[0].equals("$default")) {
                sources.route(given, Value.known("/" + parts[0], text.from()), List.of(), null);
            } else {
                given.refused("a route without a path");
            }
            return;
        }
        sources.route(given, Value.known(parts[1], text.from()), List.of(), null);
        if (!parts[0].equals("*")) {
            draft.ask(
                    given, "a path leads here whatever the method: look at requestContext.http.method in the handler");
        }
    }

    private void schedule(EventSources sources, String name, Item given) {
        Item enabled = given.get("enabled");
        Item rates = given.isScalar() ? given : given.get("rate");
        Item zone = given.get("timezone");
        if (rates == null) {
            given.refused("a schedule without a rate");
        } else if (enabled != null && "false".equals(expressions.value(enabled).text())) {
            given.refused("it is switched off, and an event that is declared is on");
        } else if (zone != null && !zone.text().equals("UTC")) {
            given.refused("schedules are in UTC: write the hours of UTC");
        } else {
            List<Item> along = Stream.of(enabled, zone).filter(Objects::nonNull).toList();
            for (Item rate : rates.entries().isEmpty() ? List.of(rates) : rates.entries()) {
                sources.schedule(name, rate == rates ? given : rate, rate, along);
            }
        }
    }

    private void bucket(EventSources sources, String name, Item given) {
        Item bucket = given.isScalar() || Expressions.isIntrinsic(given) ? given : given.get("bucket");
        if (bucket == null) {
            given.refused("an s3 event has a bucket");
            return;
        }
        Item type = given.get("event");
        Item existing = given.get("existing");
        if (existing != null) {
            existing.refused("buckets are never made, so this one has to be there");
        }
        Value prefix = null;
        Value suffix = null;
        Item rules = given.get("rules");
        for (Item rule :
                rules == null ? List.<Item>of() : variables.behind(rules).entries()) {
            Item begins = rule.get("prefix");
            Item ends = rule.get("suffix");
            prefix = begins == null ? prefix : expressions.value(begins);
            suffix = ends == null ? suffix : expressions.value(ends);
        }
        Value named = type == null ? Value.known("s3:ObjectCreated:*", List.of()) : expressions.value(type);
        sources.bucket(name, given, bucketNamed(bucket), List.of(named), prefix, suffix, List.of());
    }

    /** A bucket may be named, or be one that {@code provider.s3} declares under a key. */
    private Value bucketNamed(Item bucket) {
        Value key = expressions.value(bucket);
        Item declared = key.text() == null ? null : at(provider(), "s3", key.text(), "name");
        return declared == null
                ? key
                : expressions.value(declared).and(key.from().toArray(Item[]::new));
    }
}
