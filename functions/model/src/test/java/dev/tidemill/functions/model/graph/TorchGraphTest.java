package dev.tidemill.functions.model.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchGraphTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA error: device-side assert triggered",
                "CUDA error: an illegal memory access was encountered",
                "RuntimeError: CUDA error: unspecified launch failure",
            })
    void afterAFaultCudaDoesNotComeBack(String message) {
        assertThat(TorchGraph.isFault(message)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA out of memory. Tried to allocate 372.53 GiB. GPU 0 has a total capacity of 79.19 GiB",
                "CUDA error: out of memory",
                "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
                "mat1 and mat2 shapes cannot be multiplied (1x3 and 64x32)",
            })
    void ofMemoryThereMayBeSomeAgain(String message) {
        assertThat(TorchGraph.isFault(message)).isFalse();
    }
}
