package dev.tidemill.functions.model.event;

import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.BrainFloat;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.functions.model.tensor.TextElements;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records become the rows of one input's tensors. Used by one thread. */
final class TensorRows {

    /** Up to here a double tells every integer from its neighbours. */
    private static final double EXACT = 0x1p53;

    private final Columns columns;
    private final int[] positions;
    private final Datatype datatype;
    private final int width;
    /** Of a tensor with as many rows as it may have. */
    private final int bytes;

    private final Buffers buffers;
    private final double[] numbers;
    private final List<byte[]> texts = new ArrayList<>();
    private @Nullable ByteBuffer memory;

    /**
     * @param rows in one tensor, at most
     * @param buffers where the memory of the tensors comes from
     */
    TensorRows(Columns columns, int rows, Buffers buffers) {
        this.columns = columns;
        this.positions = columns.positions();
        this.datatype = columns.input().datatype();
        this.width = Tensor.width(datatype);
        this.bytes = Math.multiplyExact(Math.multiplyExact(rows, positions.length), width);
        this.buffers = buffers;
        this.numbers = new double[rows];
    }

    private ByteBuffer data() {
        ByteBuffer known = memory;
        if (known == null) {
            known = buffers.take(bytes);
            memory = known;
        }
        return known;
    }

    /**
     * Takes the values of some records, the current one and those behind it.
     *
     * @param count not more than are ready
     * @throws TensorException if a value is missing or not of the input's type; its record is then the current one
     * @throws IOException if the records cannot be read
     */
    void add(RecordReader rows, int count) throws IOException {
        ByteBuffer data = data();
        int at = data.position();
        if (columnByColumn(rows, count, data)) {
            return;
        }
        data.position(at);
        for (int i = 0; i < count; i++) {
            rows.skip(i == 0 ? 0 : 1);
            for (int column : positions) {
                if (datatype == Datatype.BYTES) {
                    texts.add(rows.bytes(column));
                } else {
                    put(data, rows, column);
                }
            }
        }
        rows.skip(1 - count);
    }

    /** The fast way, for numbers that are all plain; false where a value wants a closer look. */
    private boolean columnByColumn(RecordReader rows, int count, ByteBuffer data) throws IOException {
        if (datatype == Datatype.BYTES || datatype == Datatype.BOOL) {
            return false;
        }
        if (rows.floats(data, count)) {
            return true;
        }
        for (int k = 0; k < positions.length; k++) {
            if (rows.numbers(positions[k], numbers, count) < count || !putColumn(data, k, count)) {
                return false;
            }
        }
        data.position(data.position() + count * positions.length * width);
        return true;
    }

    private boolean putColumn(ByteBuffer data, int k, int count) {
        int stride = positions.length * width;
        int at = data.position() + k * width;
        switch (datatype) {
            case FP32 -> {
                for (int i = 0; i < count; i++, at += stride) {
                    data.putFloat(at, (float) numbers[i]);
                }
            }
            case FP64 -> {
                for (int i = 0; i < count; i++, at += stride) {
                    data.putDouble(at, numbers[i]);
                }
            }
            case FP16 -> {
                for (int i = 0; i < count; i++, at += stride) {
                    data.putShort(at, Float.floatToFloat16((float) numbers[i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++, at += stride) {
                    data.putShort(at, BrainFloat.of((float) numbers[i]));
                }
            }
            default -> {
                double least = Math.max(least(), -EXACT);
                double most = Math.min(most(), EXACT);
                for (int i = 0; i < count; i++, at += stride) {
                    double value = numbers[i];
                    if (value != Math.rint(value) || value < least || value > most) {
                        return false;
                    }
                    putWhole(data, at, (long) value);
                }
            }
        }
        return true;
    }

    private void putWhole(ByteBuffer data, int at, long value) {
        switch (width) {
            case 1 -> data.put(at, (byte) value);
            case 2 -> data.putShort(at, (short) value);
            case 4 -> data.putInt(at, (int) value);
            default -> data.putLong(at, value);
        }
    }

    private long least() {
        return switch (datatype) {
            case INT64 -> Long.MIN_VALUE;
            case INT32 -> Integer.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            case INT8 -> Byte.MIN_VALUE;
            default -> 0;
        };
    }

    private long most() {
        return switch (datatype) {
            case INT32 -> Integer.MAX_VALUE;
            case INT16 -> Short.MAX_VALUE;
            case INT8 -> Byte.MAX_VALUE;
            case UINT32 -> 0xFFFF_FFFFL;
            case UINT16 -> 0xFFFF;
            case UINT8 -> 0xFF;
            default -> Long.MAX_VALUE;
        };
    }

    private void put(ByteBuffer data, RecordReader row, int column) {
        switch (datatype) {
            case FP32 -> data.putFloat((float) real(row, column));
            case FP64 -> data.putDouble(real(row, column));
            case FP16 -> data.putShort(Float.floatToFloat16((float) real(row, column)));
            case BF16 -> data.putShort(BrainFloat.of((float) real(row, column)));
            case BOOL -> {
                if (row.type(column) != ColumnType.BOOLEAN) {
                    throw unfit(row, column);
                }
                data.put((byte) (row.text(column).equalsIgnoreCase("true") ? 1 : 0));
            }
            case INT64, UINT64, INT32, UINT32, INT16, UINT16, INT8, UINT8 -> {
                int at = data.position();
                putWhole(data, at, whole(row, column));
                data.position(at + width);
            }
            case BYTES -> throw new IllegalStateException("taken as text");
        }
    }

    private double real(RecordReader row, int column) {
        double value = row.numberOrNaN(column);
        if (Double.isNaN(value) && !row.isNumber(column)) {
            throw unfit(row, column);
        }
        return value;
    }

    private long whole(RecordReader row, int column) {
        ColumnType type = row.type(column);
        long value;
        if (type == ColumnType.INT64) {
            value = row.integer(column);
        } else if (type == ColumnType.DOUBLE && row.number(column) == Math.rint(row.number(column))) {
            value = (long) row.number(column);
        } else {
            throw unfit(row, column);
        }
        if (value < least() || value > most()) {
            throw unfit(row, column);
        }
        return value;
    }

    private TensorException unfit(RecordReader row, int column) {
        String name = row.columns().get(column);
        return new TensorException(
                row.isNull(column)
                        ? "column %s has no value, and input %s needs one"
                                .formatted(name, columns.input().name())
                        : "\"%s\" in column %s is no %s for input %s"
                                .formatted(
                                        row.text(column),
                                        name,
                                        datatype,
                                        columns.input().name()));
    }

    /** What was taken since the last call, as a tensor of its own; {@link Buffers} want its memory back. */
    Tensor take(int rows) {
        long[] shape =
                columns.input().shape().stream().mapToLong(Long::longValue).toArray();
        shape[0] = rows;
        ByteBuffer taken;
        if (datatype == Datatype.BYTES) {
            taken = TextElements.of(texts);
            texts.clear();
        } else {
            taken = data().flip();
            memory = null;
        }
        return new Tensor(columns.input().name(), datatype, shape, taken);
    }
}
