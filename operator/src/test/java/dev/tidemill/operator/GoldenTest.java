package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.operator.dataset.GoldenDataPath;
import dev.tidemill.operator.events.GoldenEvents;
import dev.tidemill.operator.function.GoldenFunction;
import dev.tidemill.operator.model.GoldenModel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the operator makes, word for word: each folder has {@code in.yaml} (a Function, in folders
 * of model… a Model, or nothing for what a namespace gets) and the objects
 * that come of it, in folders of gated… where functions are called through the gate. {@code -Dgolden.update} writes them anew.
 */
class GoldenTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final String IN = "in.yaml";

    static Stream<Path> cases() throws IOException {
        return Files.list(GOLDEN).sorted();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void makesExactlyTheseObjects(Path folder) throws IOException {
        var in = folder.resolve(IN);
        var made = Files.exists(in)
                ? folder.getFileName().toString().startsWith("model")
                        ? GoldenModel.of(Files.readString(in))
                        : GoldenFunction.of(
                                config(folder),
                                Files.readString(in),
                                folder.endsWith("lambda-probed"),
                                folder.endsWith("gated-by-tokens"))
                : ofNamespace(folder);
        Map<String, String> actual = new TreeMap<>();
        for (var object : made) {
            var name = "out-%s-%s.yaml"
                    .formatted(
                            object.getKind().toLowerCase(java.util.Locale.ROOT),
                            object.getMetadata().getName());
            actual.put(name, Serialization.asYaml(object));
        }
        if (Boolean.getBoolean("golden.update")) {
            for (var entry : actual.entrySet()) {
                Files.writeString(folder.resolve(entry.getKey()), entry.getValue());
            }
        }
        assertThat(actual).isEqualTo(expected(folder));
    }

    private static List<HasMetadata> ofNamespace(Path folder) {
        return switch (folder.getFileName().toString()) {
            case "namespace-events" -> GoldenEvents.all();
            case "private-store" -> GoldenDataPath.ofPrivateStore(config(folder));
            default -> GoldenDataPath.all(config(folder));
        };
    }

    private static OperatorConfig config(Path folder) {
        return folder.getFileName().toString().startsWith("gated") ? GoldenConfig.GATED : GoldenConfig.CONFIG;
    }

    private static Map<String, String> expected(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> !file.endsWith(IN))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString(), GoldenTest::text, (a, _) -> a, TreeMap::new));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
