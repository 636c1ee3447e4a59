package dev.tidemill.profile.internal.kernel;

/** Decides once which kernels run, and says why. */
final class KernelProvider {
    static final Kernels BEST = new ScalarKernels();

    private KernelProvider() {}
}
