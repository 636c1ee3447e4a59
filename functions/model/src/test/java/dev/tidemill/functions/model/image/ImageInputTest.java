package dev.tidemill.functions.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.api.Json;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.Venv;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.profile.FormatException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against what Pillow and numpy make of the same files, operation by operation what torchvision does. */
class ImageInputTest {

    private static final List<String> MEAN = List.of("0.485", "0.456", "0.406");
    private static final List<String> STD = List.of("0.229", "0.224", "0.225");

    @TempDir
    private static Path images;

    @BeforeAll
    static void makeImages() throws Exception {
        Venv.of("pillow", "images become the tensors that Pillow makes of them").run("images_with_pillow.py", images);
    }

    private static ImageInput input(int[] shape, Map<String, ?> image) {
        return Objects.requireNonNull(ImageInput.of(Json.mapper()
                .convertValue(
                        Map.of(
                                "format",
                                "ONNX",
                                "source",
                                Map.of("bucket", "models", "key", "k"),
                                "inputs",
                                new Map<?, ?>[] {Map.of("name", "x", "datatype", "FP32", "shape", shape, "image", image)
                                },
                                "outputs",
                                new Map<?, ?>[] {Map.of("name", "z", "datatype", "FP32", "shape", new int[] {-1})}),
                        ModelSpec.class)));
    }

    private static float[] row(ImageInput input, Path file) throws Exception {
        ByteBuffer rows = Tensor.allocate(input.rowBytes());
        input.append(file.getFileName().toString(), Files.readAllBytes(file), rows);
        return Models.floats(input.tensor(rows.flip(), 1));
    }

    /** The largest difference, in 255ths of the range of a sample. */
    private static double levels(String name, String how, ImageInput input, float perLevel) throws Exception {
        float[] ours = row(input, images.resolve(name));
        Tensor pillows = Models.npy(images.resolve(name + "-" + how + ".npy"), "x");
        float[] theirs = Models.floats(pillows);
        assertThat(ours).hasSameSizeAs(theirs);
        double most = 0;
        for (int i = 0; i < ours.length; i++) {
            most = Math.max(most, Math.abs(ours[i] - theirs[i]) / perLevel);
        }
        return most;
    }

    @Test
    void equalToPillowFromPngsToTheLastBitAndFromJpegsWithinTwoLevels() throws Exception {
        ImageInput stretched = input(new int[] {-1, 3, 24, 32}, Map.of("mean", MEAN, "std", STD));
        ImageInput cropped = input(new int[] {-1, 3, 24, 32}, Map.of("shorterSide", 40, "mean", MEAN, "std", STD));
        ImageInput grey = input(new int[] {-1, 24, 32, 1}, Map.of("layout", "ChannelsLast", "divisor", "1"));
        float perLevel = 1 / 255f / 0.225f;
        int compared = 0;
        try (var files = Files.list(images)) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().matches(".*[.](png|jpg)"))::iterator) {
                String name = file.getFileName().toString();
                // Decoders of JPEG may round differently; theirs is libjpeg-turbo, the JDK's is libjpeg.
                double bound = name.endsWith(".png") ? 1e-4 : 2.1;
                assertThat(levels(name, "stretched", stretched, perLevel))
                        .as(name)
                        .isLessThan(bound);
                assertThat(levels(name, "cropped", cropped, perLevel)).as(name).isLessThan(bound);
                assertThat(levels(name, "grey", grey, 1)).as(name).isLessThan(bound);
                compared++;
            }
        }
        assertThat(compared).isEqualTo(11);
    }

    @Test
    void aBrokenImageIsNamedWithWhatIsWrongWithIt() throws Exception {
        ImageInput input = input(new int[] {-1, 3, 24, 32}, Map.of());
        byte[] png = Files.readAllBytes(images.resolve("colours.png"));
        byte[] jpeg = Files.readAllBytes(images.resolve("plain.jpg"));
        byte[] flipped = png.clone();
        flipped[png.length / 2] ^= 1;
        refused(input, flipped, "chunk IDAT is not what its checksum says");
        refused(input, Arrays.copyOf(png, png.length - 20), "ends within a chunk");
        refused(input, Arrays.copyOf(jpeg, jpeg.length / 2), "upload it again");
        refused(input, Arrays.copyOf(jpeg, 20), "cannot be decoded");
        refused(input, Files.readAllBytes(images.resolve("ink.jpeg")), "its colours are CMYK");
        refused(input, "GIF89a".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "neither a JPEG nor a PNG");
        refused(input, new byte[0], "neither a JPEG nor a PNG");
    }

    private static void refused(ImageInput input, byte[] bytes, String why) {
        assertThatThrownBy(() -> input.append("cat.png", bytes, Tensor.allocate(input.rowBytes())))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("cat.png")
                .hasMessageContaining(why);
    }
}
