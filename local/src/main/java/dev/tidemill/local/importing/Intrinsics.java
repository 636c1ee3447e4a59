package dev.tidemill.local.importing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CloudFormation's intrinsic functions, as far as they need no account: {@code Ref}, {@code Fn::Sub}, {@code Fn::GetAtt}, {@code
 * Fn::Join}, {@code Fn::Select}, {@code Fn::Split} and {@code Fn::FindInMap} (AWS CloudFormation Template Reference, "Intrinsic function
 * reference").
 */
final class Intrinsics implements Expressions {

    private static final Pattern HOLE = Pattern.compile("\\$\\{(!?)([A-Za-z0-9:.]+)}");

    /** The same everywhere outside of China and the government's regions. */
    private static final Map<String, String> PSEUDO =
            Map.of("AWS::Partition", "aws", "AWS::URLSuffix", "amazonaws.com");

    private final Item template;
    private final Map<String, String> given;
    private final Function<Item, Value> scalars;
    private final Set<String> open = new HashSet<>();

    /**
     * @param template with {@code Parameters}, {@code Mappings} and {@code Resources}
     * @param given values of parameters, before their defaults
     * @param scalars what a text means that is no intrinsic function
     */
    Intrinsics(Item template, Map<String, String> given, Function<Item, Value> scalars) {
        this.template = template;
        this.given = given;
        this.scalars = scalars;
    }

    @Override
    public Value value(Item item) {
        if (item.isScalar()) {
            return scalars.apply(item);
        }
        var call = item.only();
        if (call == null || !Expressions.isIntrinsic(item)) {
            return Value.unknown(item, "one value is expected here");
        }
        Item argument = call.getValue();
        return switch (call.getKey()) {
            case "Ref" -> then(value(argument), name -> ref(argument, name));
            case "Fn::GetAtt" -> getAtt(argument);
            case "Fn::Sub" -> sub(argument);
            case "Fn::Join" -> join(argument);
            case "Fn::Select" -> select(argument);
            case "Fn::FindInMap" -> findInMap(argument);
            default -> Value.unknown(item, call.getKey() + " is not worked out here: write its value");
        };
    }

    /** The resource of that logical name, if it is of that type. */
    @Nullable
    Item resource(String name, String type) {
        Item resource = at(template, "Resources", name);
        Item is = resource == null ? null : resource.get("Type");
        return is != null && is.text().equals(type) ? resource : null;
    }

    private static Value then(Value value, Function<String, Value> next) {
        if (value.text() == null) {
            return value;
        }
        return next.apply(value.text()).and(value.from().toArray(Item[]::new));
    }

    private Value ref(Item at, String name) {
        String known = given.getOrDefault(name, PSEUDO.get(name));
        if (known != null) {
            return Value.known(known, List.of());
        }
        if (name.equals("AWS::NoValue")) {
            return Value.unknown(at, "AWS::NoValue: as if it were not there");
        }
        if (name.startsWith("AWS::")) {
            return Value.unknown(at, "only AWS knows %s: give --parameter %s=…".formatted(name, name));
        }
        Item parameter = at(template, "Parameters", name);
        if (parameter != null) {
            Item byDefault = parameter.get("Default");
            return byDefault == null
                    ? Value.unknown(at, "the parameter %s has no default: give --parameter %s=…".formatted(name, name))
                    : value(byDefault);
        }
        Item resource = at(template, "Resources", name);
        return resource == null
                ? Value.unknown(at, "there is no parameter and no resource " + name)
                : physicalName(at, name, resource);
    }

    private Value physicalName(Item at, String name, Item resource) {
        Item type = resource.get("Type");
        String is = type == null ? "resource without a type" : type.text();
        String property = switch (is) {
            case "AWS::S3::Bucket" -> "BucketName";
            case "AWS::Serverless::Function", "AWS::Lambda::Function" -> "FunctionName";
            default -> null;
        };
        if (property == null || type == null) {
            return Value.unknown(at, "%s is an %s, which Tidemill does not make".formatted(name, is));
        }
        Item named = at(resource, "Properties", property);
        if (named == null) {
            // CloudFormation makes a name up; here it is the logical one.
            return Value.known(Names.label(name), List.of(type));
        }
        return recursing(at, "resource " + name, () -> value(named)).and(type);
    }

    private Value getAtt(Item argument) {
        String[] parts = argument.isScalar()
                ? argument.text().split("\\.", 2)
                : argument.entries().stream().map(Item::text).toArray(String[]::new);
        return parts.length < 2
                ? Value.unknown(argument, "Fn::GetAtt takes a resource and an attribute")
                : attribute(argument, parts[0], parts[1]);
    }

    private Value attribute(Item at, String name, String attribute) {
        if (resource(name, "AWS::S3::Bucket") != null && attribute.equals("Arn")) {
            Value bucket = ref(at, name);
            return then(bucket, text -> Value.known("arn:aws:s3:::" + text, List.of(at)));
        }
        Item resource = at(template, "Resources", name);
        return Value.unknown(
                at,
                resource == null
                        ? "there is no resource " + name
                        : "only AWS knows the attribute %s of %s".formatted(attribute, name));
    }

    private Value sub(Item argument) {
        Item text = argument.isScalar() || argument.entries().isEmpty()
                ? argument
                : argument.entries().getFirst();
        Item variables = argument.entries().size() > 1 ? argument.entries().get(1) : null;
        Value pattern = value(text);
        if (pattern.text() == null) {
            return pattern;
        }
        var from = new ArrayList<>(pattern.from());
        Matcher hole = HOLE.matcher(pattern.text());
        var filled = new StringBuilder();
        while (hole.find()) {
            Value value = hole.group(1).isEmpty()
                    ? variable(text, hole.group(2), variables)
                    : Value.known("${" + hole.group(2) + "}", List.of());
            if (value.text() == null) {
                return Value.unknown(argument, value.why());
            }
            from.addAll(value.from());
            hole.appendReplacement(filled, Matcher.quoteReplacement(value.text()));
        }
        hole.appendTail(filled);
        return Value.known(filled.toString(), from);
    }

    private Value variable(Item at, String name, @Nullable Item variables) {
        Item own = variables == null ? null : variables.get(name);
        if (own != null) {
            return value(own);
        }
        int dot = name.indexOf('.');
        return dot < 0 ? ref(at, name) : attribute(at, name.substring(0, dot), name.substring(dot + 1));
    }

    private Value join(Item argument) {
        if (argument.entries().size() != 2) {
            return Value.unknown(argument, "Fn::Join takes a delimiter and a list");
        }
        Value delimiter = value(argument.entries().getFirst());
        var from = new ArrayList<>(delimiter.from());
        var parts = new ArrayList<String>();
        for (Item entry : argument.entries().get(1).entries()) {
            Value part = value(entry);
            if (part.text() == null) {
                return Value.unknown(argument, part.why());
            }
            from.addAll(part.from());
            parts.add(part.text());
        }
        return delimiter.text() == null ? delimiter : Value.known(String.join(delimiter.text(), parts), from);
    }

    private Value select(Item argument) {
        if (argument.entries().size() != 2) {
            return Value.unknown(argument, "Fn::Select takes an index and a list");
        }
        Item index = argument.entries().getFirst();
        Item list = argument.entries().get(1);
        return then(value(index), text -> {
            var split = list.only();
            if (split != null && split.getKey().equals("Fn::Split")) {
                return split(split.getValue(), text);
            }
            int at = number(text);
            return at < 0 || at >= list.entries().size()
                    ? Value.unknown(argument, "Fn::Select: there is no entry " + text)
                    : value(list.entries().get(at));
        });
    }

    private Value split(Item argument, String index) {
        if (argument.entries().size() != 2) {
            return Value.unknown(argument, "Fn::Split takes a delimiter and a text");
        }
        Value delimiter = value(argument.entries().getFirst());
        Value text = value(argument.entries().get(1));
        if (delimiter.text() == null || text.text() == null) {
            return delimiter.text() == null ? delimiter : text;
        }
        String[] parts = text.text().split(Pattern.quote(delimiter.text()), -1);
        int at = number(index);
        return at < 0 || at >= parts.length
                ? Value.unknown(argument, "Fn::Select: there is no part " + index)
                : Value.known(parts[at], text.from()).and(delimiter.from().toArray(Item[]::new));
    }

    private Value findInMap(Item argument) {
        Item at = template.get("Mappings");
        var from = new ArrayList<Item>();
        for (Item key : argument.entries()) {
            Value name = value(key);
            if (name.text() == null) {
                return Value.unknown(argument, name.why());
            }
            from.addAll(name.from());
            at = at == null ? null : at.get(name.text());
        }
        return at == null || !at.isScalar()
                ? Value.unknown(argument, "Fn::FindInMap: the template's Mappings have no such entry")
                : Value.known(at.text(), from).and(at);
    }

    private Value recursing(Item at, String what, java.util.function.Supplier<Value> value) {
        if (!open.add(what)) {
            return Value.unknown(at, what + " is named after itself");
        }
        try {
            return value.get();
        } finally {
            open.remove(what);
        }
    }

    private static @Nullable Item at(Item from, String... keys) {
        Item at = from;
        for (String key : keys) {
            at = at == null ? null : at.get(key);
        }
        return at;
    }

    private static int number(String text) {
        return text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
    }
}
