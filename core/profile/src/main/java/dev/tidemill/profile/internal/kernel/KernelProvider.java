package dev.tidemill.profile.internal.kernel;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Decides once which kernels run, and says why. */
final class KernelProvider {
    private static final Logger LOG = System.getLogger("dev.tidemill.profile");

    static final Kernels BEST =
            choose(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());

    private KernelProvider() {}

    static Kernels choose(boolean vectorModule) {
        if (!vectorModule) {
            LOG.log(
                    Level.INFO,
                    "Scalar kernels: the Vector API is not there. Start java with --add-modules jdk.incubator.vector");
            return new ScalarKernels();
        }
        try {
            VectorKernels vector = new VectorKernels();
            LOG.log(Level.DEBUG, "Vector kernels with {0} bits", vector.bits());
            return vector;
        } catch (LinkageError e) {
            LOG.log(Level.INFO, "Scalar kernels: the Vector API of this Java is another one", e);
            return new ScalarKernels();
        }
    }
}
