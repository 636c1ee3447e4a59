package dev.tidemill.functions.model.event;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.TensorColumns;
import dev.tidemill.functions.model.tensor.BrainFloat;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.functions.model.tensor.TextElements;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.RecordReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The columns of a table that fill one input ({@link TensorColumns}), and their rows as its tensor. */
final class Columns {

    private final ModelSpec.Tensor input;
    private final int[] positions;
    private final ByteBuffer data;
    private final List<byte[]> texts = new ArrayList<>();

    private Columns(ModelSpec.Tensor input, int[] positions, int rows) {
        this.input = input;
        this.positions = positions;
        this.data = Tensor.allocate((long) rows * positions.length * Tensor.width(input.datatype()));
    }

    /**
     * @param table for messages
     * @throws TensorException if there are more or fewer columns than the input takes
     */
    static Columns of(ModelSpec.Tensor input, List<String> names, int rows, String table) {
        try {
            return new Columns(input, TensorColumns.positions(input, names, table), rows);
        } catch (IllegalArgumentException e) {
            throw new TensorException(String.valueOf(e.getMessage()));
        }
    }

    boolean takes(int column) {
        return Arrays.stream(positions).anyMatch(position -> position == column);
    }

    /**
     * Takes the current record's values.
     *
     * @throws TensorException if one is missing or not of the input's type
     */
    void add(RecordReader row) {
        for (int column : positions) {
            if (input.datatype() == Datatype.BYTES) {
                texts.add(row.bytes(column));
            } else {
                put(row, column);
            }
        }
    }

    private void put(RecordReader row, int column) {
        switch (input.datatype()) {
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
            case INT64, UINT64 -> data.putLong(whole(row, column, Long.MIN_VALUE, Long.MAX_VALUE));
            case INT32 -> data.putInt((int) whole(row, column, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT16 -> data.putShort((short) whole(row, column, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT8 -> data.put((byte) whole(row, column, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT32 -> data.putInt((int) whole(row, column, 0, 0xFFFF_FFFFL));
            case UINT16 -> data.putShort((short) whole(row, column, 0, 0xFFFF));
            case UINT8 -> data.put((byte) whole(row, column, 0, 0xFF));
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

    private long whole(RecordReader row, int column, long least, long most) {
        ColumnType type = row.type(column);
        long value;
        if (type == ColumnType.INT64) {
            value = row.integer(column);
        } else if (type == ColumnType.DOUBLE && row.number(column) == Math.rint(row.number(column))) {
            value = (long) row.number(column);
        } else {
            throw unfit(row, column);
        }
        if (value < least || value > most) {
            throw unfit(row, column);
        }
        return value;
    }

    private TensorException unfit(RecordReader row, int column) {
        String name = row.columns().get(column);
        return new TensorException(
                row.isNull(column)
                        ? "column %s has no value, and input %s needs one".formatted(name, input.name())
                        : "\"%s\" in column %s is no %s for input %s"
                                .formatted(row.text(column), name, input.datatype(), input.name()));
    }

    /** What was taken since the last call, as a tensor of its own. */
    Tensor take(int rows) {
        long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
        shape[0] = rows;
        ByteBuffer taken;
        if (input.datatype() == Datatype.BYTES) {
            taken = TextElements.of(texts);
            texts.clear();
        } else {
            data.flip();
            taken = Tensor.allocate(data.limit()).put(data).flip();
            data.clear();
        }
        return new Tensor(input.name(), input.datatype(), shape, taken);
    }
}
