package dev.tidemill.functions.model.event;

import dev.tidemill.functions.model.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The memory of tensors that are through, for the next ones: new direct memory is zeroed and mapped first. */
final class Buffers {

    private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

    /** A direct buffer of at least that capacity. */
    ByteBuffer take(int bytes) {
        ByteBuffer known = free.poll();
        return known != null && known.capacity() >= bytes ? known.clear() : Tensor.allocate(bytes);
    }

    void give(ByteBuffer buffer) {
        free.add(buffer);
    }
}
