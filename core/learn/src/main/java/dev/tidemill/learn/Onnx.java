package dev.tidemill.learn;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.TrainData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A trained model as an <a href="https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto">ONNX</a> graph with the tensors that the
 * Model declares. What an output gives follows from its type: whole numbers and texts are the class or the cluster, other numbers are
 * predictions, probabilities or distances.
 */
public final class Onnx {

    private static final int IR_VERSION = 8;
    private static final int OPSET = 13;
    private static final int INT64 = 7;
    private static final int STRING = 8;
    private static final int DOUBLE = 11;

    private final TrainData settings;
    private final Protobuf graph = new Protobuf();
    private int names;

    private Onnx(TrainData settings) {
        this.settings = settings;
    }

    /** What {@code axis}, {@code transB} and the like are set to. */
    private record Attribute(String name, long value) {}

    /** How many columns the model's one input takes. */
    public static int width(TrainData settings) {
        ModelSpec.Tensor input = settings.inputs().getFirst();
        List<Long> shape = input.shape();
        boolean rows = shape.size() == 2 && shape.getFirst() == -1 && shape.getLast() > 0;
        if (settings.inputs().size() != 1 || !rows || !isReal(input.datatype())) {
            throw new LearnException(
                    "ModelMismatch",
                    "a model that is trained here has one input, FP32 or FP64, of shape [-1, columns]; spec.inputs has "
                            + settings.inputs());
        }
        return Math.toIntExact(shape.getLast());
    }

    private static boolean isReal(Datatype datatype) {
        return datatype == Datatype.FP32 || datatype == Datatype.FP64;
    }

    /** @throws LearnException if an output is declared that there is not */
    static void onlyFloats(TrainData settings, String given) {
        for (ModelSpec.Tensor output : settings.outputs()) {
            boolean column =
                    output.shape().equals(List.of(-1L)) || output.shape().equals(List.of(-1L, 1L));
            if (!isReal(output.datatype()) || !column) {
                throw mismatch(output, given);
            }
        }
    }

    /**
     * The same, where a row has a name and some numbers.
     *
     * @param numbers how many
     */
    public static void check(TrainData settings, String given, int numbers) {
        for (ModelSpec.Tensor output : settings.outputs()) {
            List<Long> shape = output.shape();
            boolean name = isName(output) && shape.equals(List.of(-1L));
            boolean row = isReal(output.datatype())
                    && shape.size() == 2
                    && shape.getFirst() == -1
                    && (shape.getLast() == -1 || shape.getLast() == numbers);
            if (!name && !row) {
                throw mismatch(output, given + ", of shapes [-1] and [-1, " + numbers + "]");
            }
        }
    }

    private static LearnException mismatch(ModelSpec.Tensor output, String given) {
        return new LearnException(
                "ModelMismatch",
                "spec.outputs: %s is %s %s, and such a model gives %s"
                        .formatted(output.name(), output.datatype(), output.shape(), given));
    }

    private static boolean isName(ModelSpec.Tensor output) {
        return output.datatype() == Datatype.INT64 || output.datatype() == Datatype.BYTES;
    }

    /** {@code y = x w + b}. */
    static Onnx linear(TrainData settings, double[] w, double b) {
        Onnx onnx = new Onnx(settings);
        String y = onnx.gemm(onnx.input(), new double[][] {w}, new double[] {b});
        for (ModelSpec.Tensor output : settings.outputs()) {
            onnx.output(output, output.shape().size() == 1 ? onnx.flat(y) : y);
        }
        return onnx;
    }

    /**
     * The most probable class.
     *
     * @param coefficients one row for two classes, whose logistic function is the second one's probability, or one for each of more
     */
    static Onnx classes(TrainData settings, double[][] coefficients, double[] intercepts, List<String> classes) {
        Onnx onnx = new Onnx(settings);
        String margins = onnx.gemm(onnx.input(), coefficients, intercepts);
        onnx.classified(coefficients.length == 1 ? onnx.both(margins) : margins, classes);
        return onnx;
    }

    /**
     * A network: each layer's outputs go through a rectifier into the next one; the last one's are the classes' margins.
     *
     * @param weights one row for each output, layer by layer
     * @param mean, scale what each input is centred and divided by first
     */
    public static Onnx network(
            TrainData settings,
            double[] mean,
            double[] scale,
            List<double[][]> weights,
            List<double[]> biases,
            List<String> classes) {
        Onnx onnx = new Onnx(settings);
        String x = onnx.node("Sub", List.of(onnx.input(), onnx.doubles(mean, mean.length)));
        x = onnx.node("Div", List.of(x, onnx.doubles(scale, scale.length)));
        for (int layer = 0; layer < weights.size(); layer++) {
            x = onnx.gemm(x, weights.get(layer), biases.get(layer));
            if (layer < weights.size() - 1) {
                x = onnx.node("Relu", List.of(x));
            }
        }
        onnx.classified(x, classes);
        return onnx;
    }

    /** The nearest centre. */
    static Onnx centres(TrainData settings, double[][] centres) {
        Onnx onnx = new Onnx(settings);
        double[] flat = Arrays.stream(centres).flatMapToDouble(Arrays::stream).toArray();
        String x = onnx.node("Unsqueeze", List.of(onnx.input(), onnx.axis(1)));
        String apart = onnx.node("Sub", List.of(x, onnx.doubles(flat, 1, centres.length, centres[0].length)));
        String squares = onnx.node("Mul", List.of(apart, apart));
        String sums = onnx.node("ReduceSum", List.of(squares, onnx.axis(2)), new Attribute("keepdims", 0));
        for (ModelSpec.Tensor output : settings.outputs()) {
            if (output.datatype() == Datatype.BYTES) {
                throw mismatch(output, "the cluster as INT64");
            }
            onnx.output(
                    output,
                    isName(output)
                            ? onnx.node("ArgMin", List.of(sums), new Attribute("axis", 1), new Attribute("keepdims", 0))
                            : onnx.node("Sqrt", List.of(sums)));
        }
        return onnx;
    }

    /** Of one margin, those of both classes. */
    private String both(String margin) {
        String other = node("Mul", List.of(margin, doubles(new double[] {0}, 1)));
        return node("Concat", List.of(other, margin), new Attribute("axis", 1));
    }

    private void classified(String margins, List<String> classes) {
        for (ModelSpec.Tensor output : settings.outputs()) {
            if (isName(output)) {
                String best = node("ArgMax", List.of(margins), new Attribute("axis", 1), new Attribute("keepdims", 0));
                output(output, node("Gather", List.of(names(output, classes), best)));
            } else {
                output(output, node("Softmax", List.of(margins), new Attribute("axis", 1)));
            }
        }
    }

    private String names(ModelSpec.Tensor output, List<String> classes) {
        if (output.datatype() == Datatype.BYTES) {
            Protobuf tensor = new Protobuf().number(1, classes.size()).number(2, STRING);
            classes.forEach(name -> tensor.text(6, name));
            return constant(tensor);
        }
        if (!Classes.areWhole(classes)) {
            throw mismatch(output, "classes that are texts, such as %s: as BYTES".formatted(classes.getFirst()));
        }
        return longs(classes.stream().mapToLong(Long::parseLong).toArray());
    }

    private String input() {
        String name = settings.inputs().getFirst().name();
        return node("Cast", List.of(name), new Attribute("to", DOUBLE));
    }

    private String gemm(String x, double[][] rows, double[] bias) {
        double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
        return node(
                "Gemm",
                List.of(x, doubles(flat, rows.length, rows[0].length), doubles(bias, bias.length)),
                new Attribute("transB", 1));
    }

    private String flat(String column) {
        return node("Squeeze", List.of(column, axis(1)));
    }

    private String axis(long axis) {
        return longs(axis);
    }

    private String longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return constant(new Protobuf().number(1, values.length).number(2, INT64).bytes(9, bytes.array()));
    }

    private String doubles(double[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        Protobuf tensor = new Protobuf();
        for (long dimension : shape) {
            tensor.number(1, dimension);
        }
        return constant(tensor.number(2, DOUBLE).bytes(9, bytes.array()));
    }

    private String constant(Protobuf tensor) {
        String name = "c" + names++;
        graph.message(5, tensor.text(8, name));
        return name;
    }

    private String node(String operator, List<String> inputs, Attribute... attributes) {
        String name = "n" + names++;
        node(operator, inputs, name, attributes);
        return name;
    }

    private void node(String operator, List<String> inputs, String output, Attribute... attributes) {
        Protobuf node = new Protobuf();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(4, operator);
        for (Attribute attribute : attributes) {
            node.message(
                    5,
                    new Protobuf()
                            .text(1, attribute.name())
                            .number(3, attribute.value())
                            .number(20, 2));
        }
        graph.message(1, node);
    }

    private void output(ModelSpec.Tensor declared, String value) {
        if (declared.datatype() == Datatype.BYTES) {
            node("Identity", List.of(value), declared.name());
        } else {
            node("Cast", List.of(value), declared.name(), new Attribute("to", type(declared.datatype())));
        }
    }

    private static int type(Datatype datatype) {
        return switch (datatype) {
            case FP32 -> 1;
            case FP64 -> DOUBLE;
            case INT64 -> INT64;
            case BYTES -> STRING;
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, FP16, BF16 ->
                throw new IllegalStateException(datatype + " was refused before");
        };
    }

    private static Protobuf value(ModelSpec.Tensor declared) {
        Protobuf shape = new Protobuf();
        for (long size : declared.shape()) {
            shape.message(1, size < 0 ? new Protobuf().text(2, "rows") : new Protobuf().number(1, size));
        }
        Protobuf tensor = new Protobuf().number(1, type(declared.datatype())).message(2, shape);
        return new Protobuf().text(1, declared.name()).message(2, new Protobuf().message(1, tensor));
    }

    /** The file; the same for the same model, byte by byte. */
    public byte[] toBytes() {
        Protobuf complete = new Protobuf().bytesOf(graph).text(2, settings.model());
        settings.inputs().forEach(input -> complete.message(11, value(input)));
        settings.outputs().forEach(output -> complete.message(12, value(output)));
        return new Protobuf()
                .number(1, IR_VERSION)
                .text(2, "tidemill")
                .message(7, complete)
                .message(8, new Protobuf().text(1, "").number(2, OPSET))
                .toBytes();
    }
}
