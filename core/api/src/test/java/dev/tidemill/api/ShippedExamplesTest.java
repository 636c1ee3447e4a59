package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ShippedExamplesTest {

    private static final Path ROOT =
            Path.of(System.getProperty("basedir", ".")).resolve("../..").normalize();
    private static final Path EXAMPLES = ROOT.resolve("k8s/examples");

    /** The whole folder at once: no name is used twice, so that they can also be applied together. */
    @Test
    void areReadAndSupportedAndNameFoldersThatAreThere() {
        var loaded = ResourceReader.read(List.of(EXAMPLES)).loaded();
        assertThat(loaded).hasSizeGreaterThan(10);
        for (var entry : loaded) {
            assertThat(NotYetSupported.check(entry.resource(), NotYetSupported.Place.Laptop))
                    .isEmpty();
            var local = entry.resource().metadata().annotation(Metadata.LOCAL);
            if (local != null) {
                assertThat(entry.file().resolveSibling(local)).exists();
            }
        }
    }

    /** Otherwise it would not build without a network after Tidemill itself was built. */
    @Test
    void theOwnFunctionHasTheVersionsOfTheMainBuild() throws Exception {
        var own = Files.readString(EXAMPLES.resolve("own-function/pom.xml"));
        var main = Files.readString(ROOT.resolve("pom.xml"));
        assertThat(first("<quarkus.version>(.*)</quarkus.version>", own))
                .isEqualTo(first("<quarkus.version>(.*)</quarkus.version>", main));
        for (var artifact : List.of("minio", "okhttp-jvm")) {
            var property = artifact.equals("minio") ? "minio.version" : "okhttp.version";
            assertThat(first("<artifactId>" + artifact + "</artifactId>\\s*<version>(.*)</version>", own))
                    .isEqualTo(first("<" + property + ">(.*)</" + property + ">", main));
        }
        for (var plugin : List.of(
                "maven-toolchains-plugin", "maven-compiler-plugin", "maven-resources-plugin", "maven-jar-plugin")) {
            var version = "<artifactId>" + plugin + "</artifactId>\\s*<version>(.*)</version>";
            assertThat(first(version, own)).as(plugin).isEqualTo(first(version, main));
        }
        assertThat(first("<artifactId>maven-surefire-plugin</artifactId>\\s*<version>(.*)</version>", own))
                .isEqualTo(first("<surefire.version>(.*)</surefire.version>", main));
    }

    private static String first(String pattern, String text) {
        var matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
