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
 * The functions of an AWS SAM or CloudFormation template: {@code AWS::Serverless::Function} and {@code AWS::Lambda::Function}, with
 * {@code Globals}, roles of the same template and buckets by their names (AWS SAM Developer Guide, "AWS SAM specification").
 */
final class SamTemplate {

    private static final Set<String> FUNCTIONS = Set.of("AWS::Serverless::Function", "AWS::Lambda::Function");

    private final Item template;
    private final Path folder;
    private final Options options;
    private final Findings findings;
    private final Intrinsics expressions;

    SamTemplate(Item template, Path folder, Options options, Findings findings) {
        this.template = template;
        this.folder = folder;
        this.options = options;
        this.findings = findings;
        this.expressions = new Intrinsics(template, options.parameters(), Value::of);
    }

    List<FunctionDraft> functions() {
        Item resources = template.get("Resources");
        var drafts = new ArrayList<FunctionDraft>();
        if (resources != null) {
            resources.fields().forEach((id, resource) -> {
                Item type = resource.get("Type");
                if (type != null && FUNCTIONS.contains(type.text())) {
                    drafts.add(function(id, resource, type));
                }
            });
            // After the functions, which name some of them.
            resources.fields().values().forEach(resource -> {
                Item type = resource.get("Type");
                if (type == null || !FUNCTIONS.contains(type.text())) {
                    resource.refused(other(type == null ? "a resource without a type" : type.text()));
                }
            });
        }
        return drafts;
    }

    private static String other(String type) {
        return switch (type) {
            case "AWS::S3::Bucket" -> "buckets are the store's: make it there, and have an administrator grant it";
            case "AWS::IAM::Role" -> "a role is not made; only what it opens in S3 goes to the functions that have it";
            default -> type + " is not made: functions alone are carried over";
        };
    }

    private FunctionDraft function(String id, Item resource, Item type) {
        var properties = properties(resource);
        Item named = properties.get("FunctionName");
        Value name = named == null ? null : expressions.value(named);
        var draft = new FunctionDraft(
                Names.label(name == null || name.text() == null ? id : name.text()), resource, findings);
        type.carried(draft.field("kind"));
        if (named != null && name != null) {
            if (name.text() == null) {
                named.refused(name.why());
            } else {
                name.carried(draft.field("metadata.name"));
            }
        }
        simple(draft, properties);
        environment(draft, resource);
        code(draft, resource, properties);
        permissions(draft, properties);
        Item events = properties.get("Events");
        if (events != null) {
            events.fields().forEach((event, source) -> event(draft, event, source));
        }
        return draft;
    }

    /** The function's own before those of Globals. */
    private Map<String, Item> properties(Item resource) {
        var all = new LinkedHashMap<String, Item>();
        Item globals = globals();
        Item own = resource.get("Properties");
        if (globals != null) {
            all.putAll(globals.fields());
        }
        if (own != null) {
            all.putAll(own.fields());
        }
        return all;
    }

    private @Nullable Item globals() {
        Item globals = template.get("Globals");
        return globals == null ? null : globals.get("Function");
    }

    private void simple(FunctionDraft draft, Map<String, Item> properties) {
        properties.forEach((key, item) -> {
            switch (key) {
                case "Handler" -> draft.handler(item, expressions.value(item), options.handler());
                case "Timeout" -> draft.timeout(item, expressions.value(item));
                case "MemorySize" -> draft.memory(item, expressions.value(item));
                case "ReservedConcurrentExecutions" -> draft.maxConcurrency(item, expressions.value(item));
                case "ProvisionedConcurrencyConfig" -> {
                    Item pods = item.get("ProvisionedConcurrentExecutions");
                    if (pods != null) {
                        draft.minScale(pods, expressions.value(pods));
                    }
                }
                case "ImageConfig" -> {
                    // What the runtime interface client in the image is called with.
                    Item command = item.get("Command");
                    if (command != null && command.entries().size() == 1) {
                        draft.handler(
                                command, expressions.value(command.entries().getFirst()), options.handler());
                    }
                }
                case "Architectures" -> item.entries().forEach(one -> draft.architecture(one, expressions.value(one)));
                case "Description" -> {
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

    private void environment(FunctionDraft draft, Item resource) {
        var variables = new LinkedHashMap<String, Item>();
        Stream.of(globals(), resource.get("Properties"))
                .filter(Objects::nonNull)
                .map(properties -> properties.get("Environment"))
                .filter(Objects::nonNull)
                .map(environment -> environment.get("Variables"))
                .filter(Objects::nonNull)
                .forEach(given -> variables.putAll(given.fields()));
        variables.forEach((variable, item) -> draft.env(variable, item, expressions.value(item)));
    }

    private void code(FunctionDraft draft, Item resource, Map<String, Item> properties) {
        Item image = properties.get("ImageUri");
        Item code = properties.getOrDefault("CodeUri", properties.get("Code"));
        if (image == null && code != null) {
            image = code.get("ImageUri");
        }
        Item packaged = properties.get("PackageType");
        Item runtime = properties.get("Runtime");
        Item handler = properties.get("Handler");
        Value language = runtime == null ? null : expressions.value(runtime);
        if (image != null) {
            Value name = expressions.value(image);
            if (name.text() == null) {
                image.refused(name.why());
            } else {
                draft.image(name.text(), List.of(packaged == null ? name : name.and(packaged)));
                return;
            }
        }
        var sources = new Code(draft, options, folder);
        Value calls = handler == null ? null : handlerOf(handler);
        if (packaged != null && packaged.text().equals("Image")) {
            docker(draft, sources, resource, packaged);
        } else if (code == null) {
            sources.local(resource, ".", null, language, calls);
        } else if (code.isScalar() && !code.text().startsWith("s3://") || Expressions.isIntrinsic(code)) {
            Value place = expressions.value(code);
            if (place.text() == null) {
                code.refused(place.why());
            }
            sources.local(
                    code,
                    Objects.requireNonNullElse(place.text(), "."),
                    place.text() == null ? null : place,
                    language,
                    calls);
        } else {
            code.refused(
                    "a zip in a store needs its SHA-256: give spec.code and spec.runtimeImage in place of spec.image");
            sources.image(language);
            draft.ask(code, "no image is named, only a zip: name its image in spec.image, or the zip in spec.code");
        }
    }

    private Value handlerOf(Item handler) {
        Value value = expressions.value(handler);
        return options.handler() == null ? value : Value.known(options.handler(), value.from());
    }

    /** An image that {@code sam build} makes. */
    private void docker(FunctionDraft draft, Code sources, Item resource, Item packaged) {
        Item metadata = resource.get("Metadata");
        Item context = metadata == null ? null : metadata.get("DockerContext");
        Item tag = metadata == null ? null : metadata.get("DockerTag");
        var from = new ArrayList<>(List.of(Value.of(packaged)));
        if (tag != null) {
            from.add(Value.of(tag));
        }
        draft.image(options.registry() + "/" + draft.name() + ":" + (tag == null ? "1" : tag.text()), from);
        draft.ask(
                resource,
                "build its image%s, push it, and put its name in spec.image"
                        .formatted(context == null ? "" : " of " + context.text()));
        if (context != null) {
            sources.local(context, context.text(), Value.of(context), null, null);
        }
    }

    private void permissions(FunctionDraft draft, Map<String, Item> properties) {
        var access = new BucketAccess(expressions);
        Item policies = properties.get("Policies");
        if (policies != null) {
            (policies.entries().isEmpty() ? List.of(policies) : policies.entries())
                    .forEach(policy -> policy(policy, access));
        }
        Item role = properties.get("Role");
        Item made = role == null ? null : roleOf(role);
        if (role != null && made == null) {
            role.refused("a role that is made elsewhere: name the prefixes that it opens in spec.data");
        } else if (role != null && made != null) {
            role.leaves().forEach(leaf -> leaf.standsFor(made));
            Item inline = made.get("Policies");
            if (inline != null) {
                inline.entries().forEach(policy -> {
                    Item document = policy.get("PolicyDocument");
                    if (document != null) {
                        access.statements(document);
                    }
                });
            }
        }
        draft.data(access);
    }

    private void policy(Item policy, BucketAccess access) {
        if (policy.isScalar()) {
            policy.refused(
                    policy.text().contains("S3")
                            ? "a policy for every bucket: name the prefixes that the function works on in spec.data"
                            : "a policy of AWS': functions open prefixes of the store, named in spec.data");
            return;
        }
        var only = policy.only();
        if (only != null && only.getKey().endsWith("Policy")) {
            if (!access.template(only.getKey(), only.getValue())) {
                policy.refused("functions open prefixes of the store, named in spec.data, and nothing else of AWS'");
            }
            return;
        }
        access.statements(policy);
    }

    private @Nullable Item roleOf(Item role) {
        var call = role.only();
        if (call == null) {
            return null;
        }
        Item argument = call.getValue();
        String name = argument.isScalar()
                ? argument.text().replaceFirst("\\.Arn$", "").replaceAll("^\\$\\{|\\.Arn}$|}$", "")
                : argument.entries().isEmpty()
                        ? ""
                        : argument.entries().getFirst().text();
        Item resource = expressions.resource(name, "AWS::IAM::Role");
        return resource == null ? null : resource.get("Properties");
    }

    private void event(FunctionDraft draft, String name, Item source) {
        Item type = source.get("Type");
        Item properties = Objects.requireNonNullElse(source.get("Properties"), source);
        var sources = new EventSources(draft, expressions);
        List<Item> along = type == null ? List.of() : List.of(type);
        switch (type == null ? "" : type.text()) {
            case "S3" -> bucket(draft, sources, name, source, properties, along);
            case "Schedule", "ScheduleV2" -> schedule(sources, name, source, properties, along);
            case "EventBridgeRule", "CloudWatchEvent" -> {
                Item pattern = properties.get("Pattern");
                if (pattern != null) {
                    sources.pattern(name, source, pattern, along);
                }
            }
            case "Api", "HttpApi" -> {
                Item path = properties.get("Path");
                if (path == null) {
                    sources.catchAll(source, along, properties.get("Method"));
                } else {
                    sources.route(source, path, along, properties.get("Method"));
                }
            }
            default ->
                source.refused(
                        "nothing here listens to %s: let whatever feeds it send CloudEvents to a broker, and name them in spec.events"
                                .formatted(type == null ? "an event without a type" : type.text()));
        }
    }

    private void bucket(
            FunctionDraft draft, EventSources sources, String name, Item source, Item properties, List<Item> along) {
        Item bucket = properties.get("Bucket");
        Item types = properties.get("Events");
        if (bucket == null || types == null) {
            source.refused("an S3 event has a Bucket and Events");
            return;
        }
        Value prefix = null;
        Value suffix = null;
        var told = new ArrayList<>(along);
        for (Item rule : rules(properties)) {
            Item kind = rule.get("Name");
            Item value = rule.get("Value");
            if (kind != null && value != null) {
                told.add(kind);
                if (kind.text().equalsIgnoreCase("prefix")) {
                    prefix = expressions.value(value);
                } else {
                    suffix = expressions.value(value);
                }
            }
        }
        sources.bucket(
                name,
                source,
                expressions.value(bucket),
                (types.entries().isEmpty() ? List.of(types) : types.entries())
                        .stream().map(expressions::value).toList(),
                prefix,
                suffix,
                told);
    }

    private static List<Item> rules(Item properties) {
        Item at = properties;
        for (String key : List.of("Filter", "S3Key", "Rules")) {
            at = at == null ? null : at.get(key);
        }
        return at == null ? List.of() : at.entries();
    }

    private static void schedule(EventSources sources, String name, Item source, Item properties, List<Item> along) {
        Item expression = properties.getOr("Schedule", "ScheduleExpression");
        Item enabled = properties.getOr("Enabled", "State");
        Item zone = properties.get("ScheduleExpressionTimezone");
        if (expression == null) {
            source.refused("a schedule without an expression");
        } else if (enabled != null && Set.of("false", "DISABLED").contains(enabled.text())) {
            source.refused("it is switched off, and an event that is declared is on");
        } else if (zone != null && !zone.text().equals("UTC")) {
            source.refused("schedules are in UTC: write the hours of UTC");
        } else {
            var told = new ArrayList<>(along);
            Stream.of(enabled, zone).filter(Objects::nonNull).forEach(told::add);
            sources.schedule(name, source, expression, told);
        }
    }
}
