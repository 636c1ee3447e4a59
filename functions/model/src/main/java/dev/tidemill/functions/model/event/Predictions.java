package dev.tidemill.functions.model.event;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.BrainFloat;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TextElements;
import dev.tidemill.profile.RecordWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Outputs as columns: one by the output's name where a row has one element, else {@code name_0}, {@code name_1}, …. */
final class Predictions {

    private final Tensor[] outputs;
    /** Elements of a row. */
    private final int[] each;

    Predictions(List<Tensor> outputs) {
        this.outputs = outputs.toArray(Tensor[]::new);
        this.each = outputs.stream().mapToInt(Predictions::perRow).toArray();
    }

    static List<String> columns(List<ModelSpec.Tensor> outputs, List<Tensor> given) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            String name = outputs.get(i).name();
            int each = perRow(given.get(i));
            for (int k = 0; k < each; k++) {
                columns.add(each == 1 ? name : name + "_" + k);
            }
        }
        return columns;
    }

    private static int perRow(Tensor tensor) {
        return tensor.rows() == 0 ? 0 : Math.toIntExact(tensor.elements() / tensor.rows());
    }

    /** Writes one row of every output. */
    void write(RecordWriter writer, int row) throws IOException {
        for (int k = 0; k < each.length; k++) {
            Tensor output = outputs[k];
            if (output.datatype() == Datatype.BYTES) {
                for (byte[] text : TextElements.read(output.slice(row, 1))) {
                    writer.text(text);
                }
            } else {
                int width = Tensor.width(output.datatype());
                int from = row * each[k] * width;
                for (int at = from; at < from + each[k] * width; at += width) {
                    write(writer, output, at);
                }
            }
        }
    }

    private static void write(RecordWriter writer, Tensor output, int at) throws IOException {
        ByteBuffer data = output.data();
        switch (output.datatype()) {
            case FP64 -> real(writer, data.getDouble(at));
            case FP32 -> real(writer, data.getFloat(at));
            case FP16 -> real(writer, Float.float16ToFloat(data.getShort(at)));
            case BF16 -> real(writer, BrainFloat.toFloat(data.getShort(at)));
            case INT64 -> writer.integer(data.getLong(at));
            case UINT64 -> writer.unsigned(data.getLong(at));
            case INT32 -> writer.integer(data.getInt(at));
            case UINT32 -> writer.integer(data.getInt(at) & 0xFFFF_FFFFL);
            case INT16 -> writer.integer(data.getShort(at));
            case UINT16 -> writer.integer(data.getShort(at) & 0xFFFF);
            case INT8 -> writer.integer(data.get(at));
            case UINT8 -> writer.integer(data.get(at) & 0xFF);
            case BOOL -> writer.bool(data.get(at) != 0);
            case BYTES -> throw new IllegalStateException("written as texts");
        }
    }

    private static void real(RecordWriter writer, float value) throws IOException {
        if (Float.isFinite(value)) {
            writer.number(value);
        } else {
            writer.skip();
        }
    }

    /** Neither CSV nor JSON has numbers that are not finite: the value is left out. */
    private static void real(RecordWriter writer, double value) throws IOException {
        if (Double.isFinite(value)) {
            writer.number(value);
        } else {
            writer.skip();
        }
    }
}
