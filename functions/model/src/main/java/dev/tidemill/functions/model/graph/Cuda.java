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
    private final MethodHandle getLastError;

    private Cuda(SymbolLookup loaded) {
        this.hostAlloc =
                function(loaded, "cudaHostAlloc", ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
        this.freeHost = function(loaded, "cudaFreeHost", ValueLayout.ADDRESS);
        this.getLastError = function(loaded, "cudaGetLastError");
    }

    private static Optional<Cuda> find() {
        SymbolLookup loaded = SymbolLookup.loaderLookup();
        if (loaded.find("cudaHostAlloc").isEmpty()) {
            LOG.warn("no CUDA runtime is among PyTorch's libraries: transfers to and from the GPU take longer");
            return Optional.empty();
        }
        return Optional.of(new Cuda(loaded));
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
                // CUDA keeps it for this thread until it is asked: PyTorch would take it for its next kernel's.
                int unused = (int) getLastError.invokeExact();
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
