package dev.tidemill.functions.model.tensor;

import dev.tidemill.api.ModelSpec.Datatype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The elements of BYTES tensors, each behind its length. */
public final class TextElements {

    private TextElements() {}

    public static ByteBuffer of(List<byte[]> elements) {
        int size = 0;
        for (byte[] element : elements) {
            size = Math.addExact(size, Integer.BYTES + element.length);
        }
        ByteBuffer data = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] element : elements) {
            data.putInt(element.length).put(element);
        }
        return data.flip();
    }

    public static ByteBuffer ofStrings(String[] elements) {
        List<byte[]> bytes = new ArrayList<>(elements.length);
        for (String element : elements) {
            bytes.add(element.getBytes(StandardCharsets.UTF_8));
        }
        return of(bytes);
    }

    /** @throws TensorException if the lengths do not add up to the tensor's bytes and elements */
    public static void check(Tensor tensor) {
        ByteBuffer data = tensor.data();
        long elements = 0;
        int at = 0;
        for (; data.limit() - at >= Integer.BYTES; elements++) {
            int length = data.getInt(at);
            at += Integer.BYTES;
            if (length < 0 || length > data.limit() - at) {
                throw new TensorException("%s: element %d says that it has %d bytes, and %d are left"
                        .formatted(tensor, elements, length & 0xFFFFFFFFL, data.limit() - at));
            }
            at += length;
        }
        if (at != data.limit() || elements != tensor.elements()) {
            throw new TensorException(
                    "%s: its shape has %d elements and its data %d".formatted(tensor, tensor.elements(), elements));
        }
    }

    /** @throws TensorException as {@link #check} does */
    public static List<byte[]> read(Tensor tensor) {
        if (tensor.datatype() != Datatype.BYTES) {
            throw new IllegalArgumentException(tensor + " has no texts");
        }
        check(tensor);
        List<byte[]> elements = new ArrayList<>(Math.toIntExact(tensor.elements()));
        ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        while (data.hasRemaining()) {
            byte[] element = new byte[data.getInt()];
            data.get(element);
            elements.add(element);
        }
        return elements;
    }
}
