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
    public static List<byte[]> read(Tensor tensor) {
        if (tensor.datatype() != Datatype.BYTES) {
            throw new IllegalArgumentException(tensor + " has no texts");
        }
        List<byte[]> elements = new ArrayList<>();
        ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        while (data.remaining() >= Integer.BYTES) {
            int length = data.getInt();
            if (length < 0 || length > data.remaining()) {
                throw new TensorException("%s: element %d says that it has %d bytes, and %d are left"
                        .formatted(tensor, elements.size(), length & 0xFFFFFFFFL, data.remaining()));
            }
            byte[] element = new byte[length];
            data.get(element);
            elements.add(element);
        }
        if (data.hasRemaining() || elements.size() != tensor.elements()) {
            throw new TensorException("%s: its shape has %d elements and its data %d"
                    .formatted(tensor, tensor.elements(), elements.size()));
        }
        return elements;
    }
}
