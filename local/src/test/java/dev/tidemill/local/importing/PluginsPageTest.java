package dev.tidemill.local.importing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PluginsPageTest {

    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

    @Test
    void namesFieldsThatExist() throws IOException {
        String reference = Files.readString(Path.of("../docs/reference/resources.md"));
        var fields = Pattern.compile("`(?:Dataset\\.|ObjectStore\\.)?(spec\\.[\\w.\\[\\]]+)`")
                .matcher(Files.readString(Path.of("../docs/reference/plugins.md")))
                .results()
                .map(field -> "| `" + field.group(1) + "` |")
                .distinct()
                .toList();
        assertThat(fields).hasSizeGreaterThan(5);
        assertThat(fields).allSatisfy(field -> assertThat(reference).contains(field));
    }

    @Test
    void namesTestsThatExist() throws IOException {
        String page = Files.readString(Path.of("../docs/reference/plugins.md"));
        var named = TEST.matcher(page).results().toList();
        assertThat(named).hasSizeGreaterThan(7);
        for (var test : named) {
            try (var files = Files.find(
                    Path.of(".."),
                    16,
                    (file, _) -> file.endsWith(test.group(1) + ".java")
                            && file.toString().contains("src/test"))) {
                assertThat(files.toList())
                        .as(test.group())
                        .singleElement()
                        .satisfies(file -> assertThat(Files.readString(file)).contains("void " + test.group(2) + "("));
            }
        }
    }
}
