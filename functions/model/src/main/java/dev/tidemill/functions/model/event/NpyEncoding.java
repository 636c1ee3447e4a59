package dev.tidemill.functions.model.event;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.profile.RecordReader.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * NumPy's array file (numpy.lib.format, version 1.0): one output as the array that it is, several as a structured array with a field
 * for each.
 */
record NpyEncoding(List<ModelSpec.Tensor> outputs) implements Encoding {

    /** NumPy aligns the data to this. */
    private static final int ALIGNMENT = 64;

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    /** @throws TensorException if a column is kept or an output has no type of NumPy's */
    static NpyEncoding of(List<String> kept, List<ModelSpec.Tensor> outputs) {
        if (!kept.isEmpty()) {
            throw new TensorException(
                    "an array has no place for the columns that no input takes (%s): set output.format to Csv or JsonLines"
                            .formatted(String.join(", ", kept)));
        }
        outputs.forEach(output -> type(output.datatype()));
        return new NpyEncoding(outputs);
    }

    private static String type(Datatype datatype) {
        return switch (datatype) {
            case BOOL -> "|b1";
            case INT8 -> "|i1";
            case UINT8 -> "|u1";
            case INT16 -> "<i2";
            case UINT16 -> "<u2";
            case INT32 -> "<i4";
            case UINT32 -> "<u4";
            case INT64 -> "<i8";
            case UINT64 -> "<u8";
            case FP16 -> "<f2";
            case FP32 -> "<f4";
            case FP64 -> "<f8";
            case BF16, BYTES ->
                throw new TensorException(
                        "an array of NumPy's has no %s: set output.format to Csv or JsonLines".formatted(datatype));
        };
    }

    @Override
    public byte[] rows(List<@Nullable Value[]> kept, List<Tensor> predictions) {
        int count = kept.size();
        int[] each = predictions.stream()
                .mapToInt(output -> output.data().limit() / count)
                .toArray();
        ByteBuffer rows = ByteBuffer.allocate(
                Math.multiplyExact(count, Arrays.stream(each).sum()));
        if (each.length == 1) {
            rows.put(predictions.getFirst().data().duplicate());
            return rows.array();
        }
        for (int row = 0; row < count; row++) {
            for (int i = 0; i < each.length; i++) {
                rows.put(rows.position(), predictions.get(i).data(), row * each[i], each[i]);
                rows.position(rows.position() + each[i]);
            }
        }
        return rows.array();
    }

    @Override
    public byte[] head(long rows, List<Tensor> some) {
        String header = "{'descr': %s, 'fortran_order': False, 'shape': %s, }"
                .formatted(descr(some), outputs.size() == 1 ? shape(rows, inner(0, some)) : shape(rows, List.of()));
        int before = MAGIC.length + Short.BYTES;
        int size = Math.ceilDiv(before + header.length() + 1, ALIGNMENT) * ALIGNMENT;
        ByteBuffer head = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        head.put(MAGIC).putShort((short) (size - before)).put(header.getBytes(StandardCharsets.ISO_8859_1));
        Arrays.fill(head.array(), head.position(), size - 1, (byte) ' ');
        head.array()[size - 1] = '\n';
        return head.array();
    }

    private String descr(List<Tensor> some) {
        if (outputs.size() == 1) {
            return "'" + type(outputs.getFirst().datatype()) + "'";
        }
        return IntStream.range(0, outputs.size())
                .mapToObj(i -> "('%s', '%s'%s)"
                        .formatted(
                                literal(outputs.get(i).name()),
                                type(outputs.get(i).datatype()),
                                inner(i, some).isEmpty() ? "" : ", " + tuple(inner(i, some))))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String literal(String text) {
        return text.replace("\\", "\\\\").replace("'", "\\'");
    }

    /** An output's dimensions behind the rows, as they came; as they are declared where nothing came. */
    private List<Long> inner(int output, List<Tensor> some) {
        List<Long> shape = some.isEmpty()
                ? outputs.get(output).shape().stream()
                        .map(dimension -> Math.max(0, dimension))
                        .toList()
                : Arrays.stream(some.get(output).shape()).boxed().toList();
        return shape.subList(1, shape.size());
    }

    private static String shape(long rows, List<Long> inner) {
        List<Long> shape = new ArrayList<>(inner);
        shape.addFirst(rows);
        return tuple(shape);
    }

    private static String tuple(List<Long> numbers) {
        return numbers.stream()
                .map(String::valueOf)
                .collect(Collectors.joining(", ", "(", numbers.size() == 1 ? ",)" : ")"));
    }

    @Override
    public String contentType() {
        return "application/x-npy";
    }

    @Override
    public String extension() {
        return ".npy";
    }
}
