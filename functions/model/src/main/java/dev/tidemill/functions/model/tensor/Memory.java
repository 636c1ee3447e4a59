package dev.tidemill.functions.model.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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

    /** Memory of the process, for native code. */
    public static final Memory OF_PROCESS = new Memory(Tensor::allocate);

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

    /** Some memory, with what was in it before. */
    public static final class Block implements AutoCloseable {
        private final ByteBuffer data;
        private final AtomicReference<@Nullable Runnable> release;

        private Block(ByteBuffer data, Runnable release) {
            this.data = data.order(ByteOrder.LITTLE_ENDIAN);
            this.release = new AtomicReference<>(release);
        }

        /** From position 0 to the limit. */
        public ByteBuffer data() {
            return data;
        }

        /** Nobody may read or write it afterwards. */
        @Override
        public void close() {
            Runnable once = release.getAndSet(null);
            if (once != null) {
                once.run();
            }
        }
    }

    /** @throws ArithmeticException if a buffer cannot have so many bytes */
    public Block take(long bytes) {
        int size = Math.toIntExact(bytes);
        int power = Math.max(LEAST, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, size - 1)));
        if (power > MOST) {
            return new Block(allocate(size), () -> {});
        }
        Queue<ByteBuffer> own = free[power - LEAST];
        ByteBuffer known = own.poll();
        ByteBuffer whole = known == null ? allocate(1 << power) : known;
        return new Block(whole.slice(0, size), () -> own.offer(whole));
    }

    /** Where there is no more, blocks of other sizes are left to the garbage collector, for which the second try waits. */
    private ByteBuffer allocate(int bytes) {
        try {
            return allocator.apply(bytes);
        } catch (OutOfMemoryError _) {
            for (Queue<ByteBuffer> blocks : free) {
                blocks.clear();
            }
            return allocator.apply(bytes);
        }
    }
}
