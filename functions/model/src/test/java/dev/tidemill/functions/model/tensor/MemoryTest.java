package dev.tidemill.functions.model.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryTest {

    private final List<Integer> allocated = new ArrayList<>();
    private final Memory memory = new Memory(bytes -> {
        allocated.add(bytes);
        return Tensor.allocate(bytes);
    });

    private static long address(Memory.Block block) {
        return MemorySegment.ofBuffer(block.data()).address();
    }

    @Test
    void whatIsClosedIsUsedForTheNextOfItsSizeAndWhatIsInUseIsNot() {
        Memory.Block first = memory.take(5_000);
        long place = address(first);
        Memory.Block second = memory.take(5_000);
        assertThat(address(second)).isNotEqualTo(place);
        first.close();

        Memory.Block third = memory.take(8_192);

        assertThat(address(third)).isEqualTo(place);
        assertThat(third.data().limit()).isEqualTo(8_192);
        assertThat(memory.take(8_193).data().limit()).isEqualTo(8_193);
        assertThat(allocated).containsExactly(8_192, 8_192, 16_384);
    }

    @Test
    void aBlockHasAsManyBytesAsAreAskedForFromNoneOn() {
        for (int bytes : new int[] {0, 1, 4_095, 4_096, 4_097, 1 << 20, (1 << 20) + 1}) {
            try (Memory.Block block = memory.take(bytes)) {
                assertThat(block.data().isDirect()).isTrue();
                assertThat(block.data().position()).isZero();
                assertThat(block.data().limit()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void afterARushNoMoreThanAFewBlocksOfASizeAreKept() {
        List<Memory.Block> rush =
                IntStream.range(0, 100).mapToObj(_ -> memory.take(100)).toList();
        rush.forEach(Memory.Block::close);
        IntStream.range(0, 100).forEach(_ -> memory.take(100));
        assertThat(allocated).hasSize(100 + 92);
    }
}
