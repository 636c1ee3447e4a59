package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PNGs and JPEGs through a model on this machine, against what Pillow and onnxruntime make of the same files. */
class ImagesIT {

    private static final String PREFIX = "digit-images/";
    private static final Path PICTURES = Laptop.HOME.resolve("k8s/examples/data/digit-images");

    /** Of a probability: the same tensor through the same engine, and one whose samples differ by two of 255 at most. */
    private static final double FROM_PNG = 1e-5;

    private static final double FROM_JPEG = 0.05;

    @TempDir
    Path dir;

    @Test
    void theExampleReadsEachPictureAsPillowAndOnnxruntimeDo() throws Exception {
        Laptop laptop = new Laptop(dir.resolve("data"));
        laptop.succeed("run", "k8s/examples/08-images.yaml");

        JsonNode expected = new ObjectMapper()
                .readTree(Laptop.HOME
                        .resolve("functions/model/src/test/models/digit-images.json")
                        .toFile());
        Set<String> compared = new TreeSet<>();
        for (JsonNode row : laptop.rows("lake", "digits-read/")) {
            String name = row.path("object").asText().substring(PREFIX.length());
            JsonNode theirs = expected.path(name);
            assertThat(row.path("label").asInt(-1))
                    .as(name)
                    .isEqualTo(theirs.path("label").asInt());
            for (int digit = 0; digit < 10; digit++) {
                assertThat(row.path("probabilities_" + digit).asDouble())
                        .as("%s, probability of %d", name, digit)
                        .isCloseTo(
                                theirs.path("probabilities").path(digit).asDouble(),
                                within(name.endsWith(".png") ? FROM_PNG : FROM_JPEG));
            }
            compared.add(name);
        }
        assertThat(compared).hasSize(24).hasSameSizeAs(names()).containsAll(names());
    }

    @Test
    void aBrokenPictureIsNamedAndTheOthersAreRead() throws Exception {
        Path images = Files.createDirectories(dir.resolve("images"));
        for (String name : names().subList(0, 6)) {
            Files.copy(PICTURES.resolve(name), images.resolve(name));
        }
        byte[] png = Files.readAllBytes(PICTURES.resolve("02-palette.png"));
        Files.write(images.resolve("torn.png"), Arrays.copyOf(png, png.length / 2));
        Path yaml = Files.writeString(
                dir.resolve("images.yaml"),
                Files.readString(Laptop.HOME.resolve("k8s/examples/08-images.yaml"))
                        .replace("data/digit-images", images.toString())
                        .replace("models/digit-images.onnx", Laptop.HOME + "/k8s/examples/models/digit-images.onnx")
                        .replace(
                                "prefix: digits-read/, format: JsonLines}",
                                "prefix: digits-read/, format: JsonLines}\n  failurePolicy: {toleratedPercent: 50}"));
        Laptop laptop = new Laptop(dir.resolve("data"));

        String output = laptop.succeed("run", yaml.toString());

        assertThat(output).contains("digit-images/torn.png, byte ", "the PNG ends within a chunk");
        assertThat(laptop.rows("lake", "digits-read/")).hasSize(6);
    }

    private static List<String> names() throws IOException {
        try (var files = Files.list(PICTURES)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
