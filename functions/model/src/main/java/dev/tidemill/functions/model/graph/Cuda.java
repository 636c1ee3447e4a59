package dev.tidemill.functions.model.graph;

import dev.tidemill.functions.model.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Of the CUDA runtime that PyTorch brings, what DJL does not hand on. It is looked for once PyTorch's libraries are loaded. */
final class Cuda {

    private static final Logger LOG = Logger.getLogger(Cuda.class);

    /** cudaHostAllocPortable: for all threads and devices. */
    private static final int PORTABLE = 1;

    private static final Optional<Cuda> LOADED = find();

    private final MethodHandle hostAlloc;
    private final MethodHandle freeHost;

    private Cuda(MethodHandle hostAlloc, MethodHandle freeHost) {
        this.hostAlloc = hostAlloc;
        this.freeHost = freeHost;
    }

    private static Optional<Cuda> find() {
        SymbolLookup loaded = SymbolLookup.loaderLookup();
        if (loaded.find("cudaHostAlloc").isEmpty()
                || loaded.find("cudaFreeHost").isEmpty()) {
            LOG.warn("no CUDA runtime is among PyTorch's libraries: transfers to and from the GPU take longer");
            return Optional.empty();
        }
        return Optional.of(new Cuda(
                function(loaded, "cudaHostAlloc", ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT),
                function(loaded, "cudaFreeHost", ValueLayout.ADDRESS)));
    }

    private static MethodHandle function(SymbolLookup loaded, String name, MemoryLayout... arguments) {
        return Linker.nativeLinker()
                .downcallHandle(
                        loaded.find(name).orElseThrow(), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    /**
     * Memory of the process that a GPU reads and writes by itself; any other CUDA copies once more, through memory of its own. Where
     * no more can be locked it is as any other.
     */
    static ByteBuffer allocate(int bytes) {
        return LOADED.map(cuda -> cuda.pageLocked(bytes)).orElseGet(() -> Tensor.allocate(bytes));
    }

    private ByteBuffer pageLocked(int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ValueLayout.ADDRESS);
            int error = (int) hostAlloc.invokeExact(address, (long) bytes, PORTABLE);
            if (error != 0) {
                LOG.warnf("CUDA locks no %d bytes of memory (error %d): transfers take longer", bytes, error);
                return Tensor.allocate(bytes);
            }
            return address.get(ValueLayout.ADDRESS, 0)
                    .reinterpret(bytes, Arena.ofAuto(), this::free)
                    .asByteBuffer();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private void free(MemorySegment memory) {
        try {
            int error = (int) freeHost.invokeExact(memory);
            LOG.debugf("CUDA freed memory: %d", error);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
