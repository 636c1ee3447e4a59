package dev.tidemill.functions.model.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Direct memory that is used again: new memory is cleared, its pages are touched for the first time, and where a GPU is to read it by
 * itself it takes a millisecond to be locked. Safe for concurrent use.
 */
public final class Memory {

    /** A page. */
    private static final int LEAST = 12;

    /** One more is beyond what an array or a buffer can have. */
    private static final int MOST = 30;

    /** Free blocks of one size: more than are in use at once are seldom wanted again. */
    private static final int KEPT = 8;

    private final IntFunction<ByteBuffer> allocator;
    /** By the binary logarithm of their sizes. */
    private final ArrayBlockingQueue<ByteBuffer>[] free;

    /** @param allocator gives direct buffers of so many bytes, which the garbage collector frees */
    @SuppressWarnings("unchecked")
    public Memory(IntFunction<ByteBuffer> allocator) {
        this.allocator = allocator;
        this.free = IntStream.rangeClosed(LEAST, MOST)
                .mapToObj(_ -> new ArrayBlockingQueue<ByteBuffer>(KEPT))
                .toArray(ArrayBlockingQueue[]::new);
    }

    /** Memory of the process, for native code. */
    public static Memory ofProcess() {
        return new Memory(Tensor::allocate);
    }

    /**
     * Some memory, with what was in it before.
     *
     * @param data from position 0 to the limit
     */
    public record Block(ByteBuffer data, Runnable release) implements AutoCloseable {
        /** Nobody may read or write it afterwards. */
        @Override
        public void close() {
            release.run();
        }
    }

    /** @throws ArithmeticException if a buffer cannot have so many bytes */
    public Block take(long bytes) {
        int size = Math.toIntExact(bytes);
        int power = Math.max(LEAST, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, size - 1)));
        if (power > MOST) {
            return new Block(allocator.apply(size).order(ByteOrder.LITTLE_ENDIAN), () -> {});
        }
        Queue<ByteBuffer> own = free[power - LEAST];
        ByteBuffer known = own.poll();
        ByteBuffer whole = known == null ? allocator.apply(1 << power) : known;
        return new Block(whole.slice(0, size).order(ByteOrder.LITTLE_ENDIAN), () -> own.offer(whole));
    }
}
