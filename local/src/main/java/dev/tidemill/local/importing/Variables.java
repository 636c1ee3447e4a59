package dev.tidemill.local.importing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Serverless Framework's variables (Serverless Framework documentation, "Variables"): {@code ${self:custom.x}}, {@code
 * ${file(./x.yml):y}}, {@code ${opt:stage, 'dev'}}, {@code ${env:X, y}}, {@code ${sls:stage}} and {@code ${param:x}}, nested and with
 * values to fall back to. What has to be asked of AWS ({@code ssm}, {@code cf}, {@code s3}) stays unknown.
 */
final class Variables {

    private static final Pattern SOURCE =
            Pattern.compile("(?s)(self|file|opt|env|sls|param|aws|ssm|cf|s3|git)(\\.[^:]*)?[:(].*");

    private final Path folder;
    private final Path shownFolder;
    private final Options options;
    private final List<Item> roots = new ArrayList<>();
    private final Map<Path, Item> files = new HashMap<>();
    private final Set<Item> open = new HashSet<>();

    /**
     * @param folder of the service
     * @param shownFolder how messages name it
     */
    Variables(Item service, Path folder, Path shownFolder, Options options) {
        this.folder = folder;
        this.shownFolder = shownFolder;
        this.options = options;
        roots.add(service);
    }

    /** The service, and every file that it draws in. */
    List<Item> roots() {
        return roots;
    }

    /** What a variable leads to: a place in a file, or a text; neither where it is not known. */
    private record Found(@Nullable Item item, @Nullable String text, List<Item> via, String why) {
        static Found text(String text) {
            return new Found(null, text, List.of(), "");
        }

        static Found not(String why) {
            return new Found(null, null, List.of(), why);
        }
    }

    /** The text with all of its variables filled in. */
    Value expand(Item scalar) {
        if (!scalar.text().contains("${")) {
            return Value.of(scalar);
        }
        if (!open.add(scalar)) {
            return Value.unknown(scalar, scalar.text() + " refers to itself");
        }
        try {
            return fill(scalar, scalar.text()).and(scalar);
        } finally {
            open.remove(scalar);
        }
    }

    /** The section that a variable stands for; the item itself where it is something else. */
    Item behind(Item item) {
        if (!item.isScalar() || !open.add(item)) {
            return item;
        }
        try {
            String text = item.text().strip();
            if (!text.startsWith("${") || end(text, 0) != text.length()) {
                return item;
            }
            Found found = look(item, text.substring(2, text.length() - 1));
            if (found.item() == null || found.item().isScalar()) {
                return item;
            }
            item.standsFor(found.item());
            return found.item();
        } finally {
            open.remove(item);
        }
    }

    private Value fill(Item at, String text) {
        var filled = new StringBuilder();
        var from = new ArrayList<Item>();
        int done = 0;
        for (int start = text.indexOf("${"); start >= 0; start = text.indexOf("${", done)) {
            int end = end(text, start);
            if (end < 0) {
                return Value.unknown(at, "the variable is never closed: " + text.substring(start));
            }
            filled.append(text, done, start);
            String inside = text.substring(start + 2, end - 1);
            if (SOURCE.matcher(inside.strip()).matches()) {
                Found found = look(at, inside);
                Value value = found.item() == null
                        ? new Value(found.text(), found.via(), found.why())
                        : found.item().isScalar()
                                ? expand(found.item()).and(found.via().toArray(Item[]::new))
                                : Value.unknown(at, "${" + inside + "} is a whole section, and one value is expected");
                if (value.text() == null) {
                    return Value.unknown(at, value.why());
                }
                from.addAll(value.from());
                filled.append(value.text());
            } else {
                filled.append(text, start, end); // CloudFormation's own, inside of Fn::Sub
            }
            done = end;
        }
        return Value.known(filled.append(text.substring(done)).toString(), from);
    }

    /** Behind the brace that closes the variable which begins here, or -1. */
    private static int end(String text, int start) {
        int depth = 0;
        for (int i = start; i < text.length(); i++) {
            if (text.startsWith("${", i)) {
                depth++;
            } else if (text.charAt(i) == '}' && --depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    /** The first of the sources, parted by commas, that is there. */
    private Found look(Item at, String inside) {
        Found last = Found.not("${" + inside + "} is empty");
        for (String source : sources(inside)) {
            Value nested = source.contains("${") ? fill(at, source) : Value.known(source, List.of());
            last = nested.text() == null
                    ? Found.not(nested.why())
                    : source(nested.text().strip());
            if (last.item() != null || last.text() != null) {
                var via = new ArrayList<>(last.via());
                via.addAll(nested.from());
                return new Found(last.item(), last.text(), via, "");
            }
        }
        return last;
    }

    private static List<String> sources(String inside) {
        var sources = new ArrayList<String>();
        int depth = 0;
        char quote = 0;
        int start = 0;
        for (int i = 0; i < inside.length(); i++) {
            char c = inside.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '{' || c == '(') {
                depth++;
            } else if (c == '}' || c == ')') {
                depth--;
            } else if (c == ',' && depth == 0) {
                sources.add(inside.substring(start, i));
                start = i + 1;
            }
        }
        sources.add(inside.substring(start));
        return sources;
    }

    private Found source(String source) {
        if (source.matches("(?s)'.*'|\".*\"")) {
            return Found.text(source.substring(1, source.length() - 1));
        }
        if (source.matches("-?\\d+(\\.\\d+)?|true|false")) {
            return Found.text(source);
        }
        int colon = source.indexOf(':');
        String key = source.substring(colon + 1).strip();
        if (source.startsWith("file(")) {
            return file(source);
        }
        return switch (colon < 0 ? source : source.substring(0, colon)) {
            case "self" ->
                key.equals("provider.stage")
                        ? orElse(walk(roots.getFirst(), key), stage())
                        : walk(roots.getFirst(), key);
            case "opt" -> given(options.parameters().get(key), "give --parameter " + key + "=…");
            case "env" -> given(options.environment().get(key), "set the environment variable " + key);
            case "param" ->
                orElse(parameter(key), given(options.parameters().get(key), "give --parameter " + key + "=…"));
            case "sls" ->
                key.equals("stage")
                        ? orElse(walk(roots.getFirst(), "provider.stage"), stage())
                        : Found.not("sls:" + key + " is new with each deployment");
            case "aws" -> {
                String name = key.equals("region") ? "AWS::Region" : "AWS::AccountId";
                yield orElse(
                        key.equals("region") ? walk(roots.getFirst(), "provider.region") : Found.not(""),
                        given(options.parameters().get(name), "give --parameter " + name + "=…"));
            }
            default -> Found.not("${" + source + "} is known to AWS alone: write its value");
        };
    }

    private Found stage() {
        return Found.text(options.parameters().getOrDefault("stage", "dev"));
    }

    private Found parameter(String key) {
        Found stage = source("sls:stage");
        String name = String.valueOf(
                stage.item() == null ? stage.text() : expand(stage.item()).text());
        return orElse(
                walk(roots.getFirst(), "params." + name + "." + key), walk(roots.getFirst(), "params.default." + key));
    }

    private static Found given(@Nullable String value, String remedy) {
        return value == null ? Found.not("its value is not known here: " + remedy) : Found.text(value);
    }

    private static Found orElse(Found first, Found second) {
        return first.item() != null || first.text() != null ? first : second;
    }

    private Found walk(Item from, String path) {
        Item at = behind(from);
        for (String step : path.isEmpty() ? new String[0] : path.split("\\.", -1)) {
            Item next = at.get(step);
            if (next == null
                    && step.matches("\\d{1,6}")
                    && Integer.parseInt(step) < at.entries().size()) {
                next = at.entries().get(Integer.parseInt(step));
            }
            if (next == null) {
                return Found.not("there is no " + path + " in " + from.place().file());
            }
            at = behind(next);
        }
        return new Found(at, null, List.of(), "");
    }

    /** {@code file(./other.yml):some.path} */
    private Found file(String source) {
        int close = source.indexOf(')');
        if (close < 0) {
            return Found.not(source + " is never closed");
        }
        String name = source.substring("file(".length(), close).strip();
        String path = source.substring(close + 1).replaceFirst("^:", "").strip();
        Path file = folder.resolve(name).normalize();
        if (!name.matches(".*\\.(ya?ml|json)")) {
            return Found.not(name + " is a program: write down what it gives");
        }
        if (!Files.exists(file)) {
            return Found.not("there is no file " + name + " beside "
                    + shownFolder.resolve("serverless.yml").getFileName());
        }
        Item root = files.computeIfAbsent(file, present -> {
            Item read = InputFile.read(present, shownFolder.resolve(name).normalize());
            roots.add(read);
            return read;
        });
        return walk(root, path);
    }
}
