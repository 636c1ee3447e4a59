package dev.tidemill.functions.model;

import dev.tidemill.api.Json;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.graph.Natives;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** The models under {@code src/test/models}, and what Python's engines computed with them. */
public final class Models {

    public static final Path FOLDER = Path.of("src", "test", "models");
    public static final Natives NATIVES =
            new Natives(Path.of(System.getProperty("tidemill.natives")), Natives.Device.CPU);

    public static final List<ModelSpec.Tensor> ADD_ONE_IN = List.of(tensor("x", Datatype.FP32, -1, 3));
    public static final List<ModelSpec.Tensor> ADD_ONE_OUT = List.of(tensor("y", Datatype.FP32, -1, 3));
    public static final List<ModelSpec.Tensor> DIGITS_IN = List.of(tensor("x", Datatype.FP32, -1, 64));
    public static final List<ModelSpec.Tensor> DIGITS_OUT =
            List.of(tensor("probabilities", Datatype.FP32, -1, 10), tensor("label", Datatype.INT64, -1));

    private Models() {}

    public static ModelSpec.Tensor tensor(String name, Datatype datatype, long... shape) {
        return new ModelSpec.Tensor(name, datatype, Arrays.stream(shape).boxed().toList(), List.of());
    }

    /** A Model whose artifact is one of the files. */
    public static ModelConfig config(
            Format format, Path file, List<ModelSpec.Tensor> inputs, List<ModelSpec.Tensor> outputs, int maxSize) {
        return config(format, file, null, inputs, outputs, maxSize);
    }

    public static ModelConfig config(
            Format format,
            Path file,
            @Nullable String sha256,
            List<ModelSpec.Tensor> inputs,
            List<ModelSpec.Tensor> outputs,
            int maxSize) {
        String key = file.getFileName().toString();
        Map<String, String> source = sha256 == null
                ? Map.of("bucket", "models", "key", key)
                : Map.of("bucket", "models", "key", key, "sha256", sha256);
        ModelSpec spec = Json.mapper()
                .convertValue(
                        Map.of(
                                "format", format,
                                "source", source,
                                "inputs", inputs,
                                "outputs", outputs,
                                "batch", Map.of("maxSize", maxSize)),
                        ModelSpec.class);
        String name = file.getFileName().toString().replaceAll("[._].*", "");
        return new ModelConfig(new Model(Metadata.named(null, name), spec), file, null, null, NATIVES);
    }

    /** {@code add_one.pt} with another {@code forward(x)}, in TorchScript. */
    static Path forward(Path folder, String type, String expression) throws IOException {
        Path made = folder.resolve("forward.pt");
        try (ZipFile in = new ZipFile(FOLDER.resolve("add_one.pt").toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(made))) {
            for (ZipEntry entry : Collections.list(in.entries())) {
                byte[] content = in.getInputStream(entry).readAllBytes();
                String code = new String(content, StandardCharsets.UTF_8);
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(
                        entry.getName().endsWith("__torch__.py")
                                ? code.replace("-> Tensor", "-> " + type)
                                        .replace("torch.add(x, 1)", expression)
                                        .getBytes(StandardCharsets.UTF_8)
                                : content);
            }
        }
        return made;
    }

    public static ServedModel load(ModelConfig config) {
        return ServedModel.load(config, () -> {
            throw new IllegalStateException("the artifact is a file");
        });
    }

    public static Tensor floats(String name, long[] shape, float... values) {
        ByteBuffer data = Tensor.allocate(4L * values.length);
        for (float value : values) {
            data.putFloat(value);
        }
        return new Tensor(name, Datatype.FP32, shape, data.flip());
    }

    public static float[] floats(Tensor tensor) {
        float[] values = new float[tensor.data().limit() / 4];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }

    public static long[] longs(Tensor tensor) {
        long[] values = new long[tensor.data().limit() / 8];
        tensor.data().asLongBuffer().get(values);
        return values;
    }

    /** An array that numpy saved, as a tensor. */
    public static Tensor npy(String file, String name) throws IOException {
        return npy(FOLDER.resolve(file), name);
    }

    public static Tensor npy(Path file, String name) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int header = 10 + (bytes[8] & 0xFF | (bytes[9] & 0xFF) << 8);
        String said = new String(bytes, 10, header - 10, StandardCharsets.US_ASCII);
        Matcher shape = Pattern.compile("'shape': \\(([0-9, ]*)\\)").matcher(said);
        if (!shape.find() || said.contains("'fortran_order': True")) {
            throw new IOException(file + ": " + said);
        }
        long[] dimensions = Arrays.stream(shape.group(1).split(",", -1))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
        Datatype datatype = said.contains("'<f4'") ? Datatype.FP32 : Datatype.INT64;
        return new Tensor(
                name,
                datatype,
                dimensions,
                ByteBuffer.wrap(bytes, header, bytes.length - header).slice().order(ByteOrder.LITTLE_ENDIAN));
    }
}
