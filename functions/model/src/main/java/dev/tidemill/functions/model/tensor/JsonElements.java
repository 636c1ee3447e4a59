package dev.tidemill.functions.model.tensor;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import dev.tidemill.api.ModelSpec.Datatype;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The elements of a tensor as the protocol has them in JSON: flat or nested arrays, row by row. */
public final class JsonElements {

    private static final BigInteger MOST_UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private JsonElements() {}

    /**
     * Reads the array that the parser is at.
     *
     * @param elements how many the shape has
     * @throws TensorException if there are more or fewer, or one is not of the type
     */
    public static ByteBuffer read(JsonParser json, String name, Datatype datatype, long elements) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new TensorException("input %s: data is an array, not %s".formatted(name, json.currentToken()));
        }
        Sink sink = new Sink(name, datatype, elements);
        int depth = 1;
        while (depth > 0) {
            JsonToken token = json.nextToken();
            switch (token) {
                case START_ARRAY -> depth++;
                case END_ARRAY -> depth--;
                default -> sink.add(json, token);
            }
        }
        return sink.finish();
    }

    private static final class Sink {
        private final String name;
        private final Datatype datatype;
        private final long elements;
        private final ByteBuffer data;
        private final ByteArrayOutputStream texts = new ByteArrayOutputStream();
        private long count;

        Sink(String name, Datatype datatype, long elements) {
            this.name = name;
            this.datatype = datatype;
            this.elements = elements;
            // The body bounds what may come, and the shape alone must not take memory: every element has a character
            // and a comma.
            this.data = ByteBuffer.allocate(Math.toIntExact(elements * Tensor.width(datatype)))
                    .order(ByteOrder.LITTLE_ENDIAN);
        }

        void add(JsonParser json, JsonToken token) throws IOException {
            if (count++ == elements) {
                throw new TensorException(
                        "input %s: data has more than the %d elements of its shape".formatted(name, elements));
            }
            boolean fits = switch (datatype) {
                case BOOL -> bool(token);
                case BYTES -> text(json, token);
                case FP16, FP32, FP64, BF16 -> token.isNumeric() && real(json);
                case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 ->
                    token == JsonToken.VALUE_NUMBER_INT && integer(json);
            };
            if (!fits) {
                throw new TensorException(
                        "input %s: element %d, %s, is no %s".formatted(name, count - 1, shown(json, token), datatype));
            }
        }

        private static String shown(JsonParser json, JsonToken token) throws IOException {
            String text = token.isStructStart() ? "an object" : json.getText();
            return text.length() > 40 ? text.substring(0, 40) + "…" : text;
        }

        private boolean bool(JsonToken token) {
            data.put((byte) (token == JsonToken.VALUE_TRUE ? 1 : 0));
            return token.isBoolean();
        }

        private boolean text(JsonParser json, JsonToken token) throws IOException {
            byte[] text = json.getText().getBytes(StandardCharsets.UTF_8);
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                texts.write(text.length >>> shift);
            }
            texts.writeBytes(text);
            return token == JsonToken.VALUE_STRING;
        }

        private boolean real(JsonParser json) throws IOException {
            switch (datatype) {
                case FP64 -> {
                    double value = json.getDoubleValue();
                    data.putDouble(value);
                    return Double.isFinite(value);
                }
                case FP32 -> {
                    float value = json.getFloatValue();
                    data.putFloat(value);
                    return Float.isFinite(value);
                }
                case FP16 -> {
                    short value = Float.floatToFloat16(json.getFloatValue());
                    data.putShort(value);
                    return Float.isFinite(Float.float16ToFloat(value));
                }
                default -> {
                    short value = BrainFloat.of(json.getFloatValue());
                    data.putShort(value);
                    return Float.isFinite(BrainFloat.toFloat(value));
                }
            }
        }

        private boolean integer(JsonParser json) throws IOException {
            if (datatype == Datatype.UINT64) {
                BigInteger value = json.getBigIntegerValue();
                data.putLong(value.longValue());
                return value.signum() >= 0 && value.compareTo(MOST_UINT64) <= 0;
            }
            long value;
            try {
                value = json.getLongValue();
            } catch (InputCoercionException _) {
                return false;
            }
            switch (Tensor.width(datatype)) {
                case 1 -> data.put((byte) value);
                case 2 -> data.putShort((short) value);
                case 4 -> data.putInt((int) value);
                default -> data.putLong(value);
            }
            return switch (datatype) {
                case INT8 -> value == (byte) value;
                case INT16 -> value == (short) value;
                case INT32 -> value == (int) value;
                case UINT8 -> value == (value & 0xFF);
                case UINT16 -> value == (value & 0xFFFF);
                case UINT32 -> value == (value & 0xFFFF_FFFFL);
                default -> true;
            };
        }

        ByteBuffer finish() {
            if (count != elements) {
                throw new TensorException(
                        "input %s: data has %d elements and its shape %d".formatted(name, count, elements));
            }
            return datatype == Datatype.BYTES ? ByteBuffer.wrap(texts.toByteArray()) : data.flip();
        }
    }

    /**
     * Writes a flat array.
     *
     * @throws TensorException if JSON cannot hold an element: a number that is not finite, bytes that are no UTF-8
     */
    public static void write(JsonGenerator json, Tensor tensor) throws IOException {
        json.writeStartArray();
        if (tensor.datatype() == Datatype.BYTES) {
            for (byte[] text : TextElements.read(tensor)) {
                json.writeString(utf8(tensor, text));
            }
        } else {
            ByteBuffer data = tensor.data();
            int width = Tensor.width(tensor.datatype());
            for (int at = 0; at < data.limit(); at += width) {
                write(json, tensor, data, at);
            }
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Tensor tensor, ByteBuffer data, int at) throws IOException {
        switch (tensor.datatype()) {
            case BOOL -> json.writeBoolean(data.get(at) != 0);
            case INT8 -> json.writeNumber(data.get(at));
            case INT16 -> json.writeNumber(data.getShort(at));
            case INT32 -> json.writeNumber(data.getInt(at));
            case INT64 -> json.writeNumber(data.getLong(at));
            case UINT8 -> json.writeNumber(data.get(at) & 0xFF);
            case UINT16 -> json.writeNumber(data.getShort(at) & 0xFFFF);
            case UINT32 -> json.writeNumber(data.getInt(at) & 0xFFFF_FFFFL);
            case UINT64 -> json.writeNumber(new BigInteger(Long.toUnsignedString(data.getLong(at))));
            case FP16 -> json.writeNumber(finite(tensor, Float.float16ToFloat(data.getShort(at)), at / 2));
            case BF16 -> json.writeNumber(finite(tensor, BrainFloat.toFloat(data.getShort(at)), at / 2));
            case FP32 -> json.writeNumber(finite(tensor, data.getFloat(at), at / 4));
            case FP64 -> {
                double value = data.getDouble(at);
                if (!Double.isFinite(value)) {
                    throw notFinite(tensor, value, at / 8);
                }
                json.writeNumber(value);
            }
            case BYTES -> throw new IllegalStateException("written as texts");
        }
    }

    private static float finite(Tensor tensor, float value, int element) {
        if (!Float.isFinite(value)) {
            throw notFinite(tensor, value, element);
        }
        return value;
    }

    private static TensorException notFinite(Tensor tensor, double value, int element) {
        return new TensorException(
                "output %s: element %d is %s, which JSON cannot hold: ask for binary output (binary_data_output: true)"
                        .formatted(tensor.name(), element, value));
    }

    private static String utf8(Tensor tensor, byte[] text) {
        try {
            CharBuffer chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return chars.toString();
        } catch (CharacterCodingException e) {
            throw new TensorException(
                    "output %s: an element is no UTF-8: ask for binary output (binary_data_output: true)"
                            .formatted(tensor.name()));
        }
    }
}
