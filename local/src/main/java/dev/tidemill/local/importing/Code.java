package dev.tidemill.local.importing;

import dev.tidemill.api.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A handler's code that lies beside the file: what the laptop starts, and what an image has to be built of.
 *
 * @param folder of the file that declares it
 */
record Code(FunctionDraft function, Options options, Path folder) {

    /**
     * Notes where the code lies and which image is to hold it.
     *
     * @param at for questions
     * @param place the folder of the code
     * @param from what named the folder; may be nothing
     * @param runtime such as {@code python3.13}
     */
    void local(Item at, String place, @Nullable Value from, @Nullable Value runtime, @Nullable Value handler) {
        String language = runtime == null || runtime.text() == null ? "" : runtime.text();
        String file = handler == null || handler.text() == null ? place : file(place, language, handler.text());
        Path code = Path.of(file).normalize();
        Path out = options.out();
        Path shown = out == null
                ? code
                : out.toAbsolutePath()
                        .normalize()
                        .relativize(folder.toAbsolutePath().resolve(code).normalize());
        if (from != null || handler != null) {
            Value named = from == null ? Value.known("", handler == null ? List.of() : handler.from()) : from;
            function.annotate(Metadata.LOCAL, "./" + shown.toString().replace('\\', '/'), named);
        }
        if (!function.hasImage()) {
            image(runtime);
            function.ask(
                    at,
                    "no image is named, only code: build one of %s on %s, push it, and put its name in spec.image"
                            .formatted(place.equals(".") ? "what lies here" : place, base(language)));
        }
        if (handler != null && handler.text() != null) {
            look(at, place, language, handler.text());
        }
    }

    /** A name for the image that has to be built: its tag is the language that it is for. */
    void image(@Nullable Value runtime) {
        String language = runtime == null || runtime.text() == null ? "1" : runtime.text();
        function.image(
                "%s/%s:%s".formatted(options.registry(), function.name(), language.replaceAll("[^A-Za-z0-9_.-]", "-")),
                runtime == null ? List.of() : List.of(runtime));
    }

    private static String base(String runtime) {
        return runtime.isEmpty() ? "AWS' image for its language" : "AWS' image for " + runtime;
    }

    /** The file that a handler such as {@code src/app.handler} lies in; the folder where the language has none. */
    private String file(String place, String runtime, String handler) {
        List<String> endings = endings(runtime);
        int dot = handler.lastIndexOf('.');
        if (endings.isEmpty() || dot < 1) {
            return place;
        }
        String stem = Path.of(place).resolve(handler.substring(0, dot)).toString();
        return endings.stream()
                .map(stem::concat)
                .filter(file -> Files.exists(folder.resolve(file)))
                .findFirst()
                .orElse(stem + endings.getFirst());
    }

    private static List<String> endings(String runtime) {
        return runtime.startsWith("python")
                ? List.of(".py")
                : runtime.startsWith("nodejs") ? List.of(".js", ".mjs", ".cjs", ".ts") : List.of();
    }

    /** Says so where the code is there and the handler's file is not, as happens to files that were copied together. */
    private void look(Item at, String place, String runtime, String handler) {
        Path named = folder.resolve(file(place, runtime, handler));
        int dot = handler.lastIndexOf('.');
        if (endings(runtime).isEmpty() || dot < 1 || Files.exists(named)) {
            return;
        }
        String function = handler.substring(dot + 1);
        var defining = Pattern.compile("(?m)^\\s*(async\\s+)?def\\s+%1$s\\s*\\(|exports\\.%1$s\\b|export\\s.*\\b%1$s\\b"
                .formatted(Pattern.quote(function)));
        try (var files = Files.list(folder.resolve(place))) {
            files.filter(file -> endings(runtime).stream().anyMatch(file.toString()::endsWith))
                    .filter(file -> defines(file, defining))
                    .sorted()
                    .map(file -> String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "") + "." + function)
                    .forEach(other -> this.function.ask(
                            at,
                            "the handler is %s, there is no %s, and %s is there: is that meant? Then give --handler %s"
                                    .formatted(handler, named.getFileName(), other, other)));
        } catch (IOException absent) {
            // No code beside the file: there is nothing to compare with.
        }
    }

    private static boolean defines(Path file, Pattern defining) {
        try {
            return defining.matcher(Files.readString(file)).find();
        } catch (IOException unreadable) {
            return false;
        }
    }
}
