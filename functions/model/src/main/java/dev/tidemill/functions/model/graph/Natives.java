package dev.tidemill.functions.model.graph;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the engines' native libraries lie unpacked: {@code pytorch}, {@code tensorflow} and {@code onnxruntime} in one folder. Each
 * engine reads its own settings, which have to be there before its first class is loaded.
 *
 * @param folder of the three
 * @param device what is asked for
 */
public record Natives(Path folder, Device device) {

    /** What to compute on. */
    public enum Device {
        /** A GPU if the engine sees one. */
        AUTO,
        CPU,
        GPU;

        public static Device of(@Nullable String name) {
            return name == null || name.isEmpty() ? AUTO : valueOf(name.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * Where PyTorch computes, with the engine open.
     *
     * @throws LoadException if that is to be a GPU and there is none
     */
    public ai.djl.Device torchDevice() {
        forPyTorch();
        Engine engine = Engine.getEngine("PyTorch");
        // As PyTorch says: DJL counts GPUs by any CUDA that it finds, which a PyTorch without CUDA has no use for.
        boolean gpu = device != Device.CPU && engine.hasCapability(StandardCapabilities.CUDA);
        if (device == Device.GPU && !gpu) {
            throw new LoadException(
                    "NoGpu",
                    "TIDEMILL_DEVICE is gpu and PyTorch sees none: check the node's driver, CUDA_VISIBLE_DEVICES and that the"
                            + " image has a PyTorch with CUDA");
        }
        return gpu ? ai.djl.Device.gpu(0) : ai.djl.Device.cpu();
    }

    /** Settings of all engines: nothing is downloaded, nothing is copied. */
    private void forPyTorch() {
        offline();
        String own = System.getenv("PYTORCH_LIBRARY_PATH");
        Path libraries = own == null ? part("pytorch", "libtorch.so") : Path.of(own);
        set("PYTORCH_LIBRARY_PATH", libraries.toString());
        set("PYTORCH_VERSION", "2.7.1");
        set("PYTORCH_FLAVOR", Files.exists(libraries.resolve("libtorch_cuda.so")) ? "cuda" : "cpu");
    }

    void forTensorFlow() {
        offline();
        set("TENSORFLOW_LIBRARY_PATH", part("tensorflow", "libjnitensorflow.so").toString());
    }

    void forOnnx() {
        set("onnxruntime.native.path", part("onnxruntime", "libonnxruntime.so").toString());
    }

    private static void offline() {
        set("ai.djl.offline", "true");
        set("OPT_OUT_TRACKING", "true");
    }

    private Path part(String name, String library) {
        Path part = folder.resolve(name).toAbsolutePath();
        if (!Files.exists(part.resolve(library))) {
            throw new LoadException(
                    "EngineMissing",
                    "%s is not in %s: build functions/model, or set TIDEMILL_NATIVES to the folder of the engines' libraries"
                            .formatted(library, part));
        }
        return part;
    }

    /** A user's own setting stays. */
    private static void set(String name, String value) {
        if (System.getenv(name) == null && System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
