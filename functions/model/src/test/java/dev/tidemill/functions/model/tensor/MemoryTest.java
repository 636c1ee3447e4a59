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
        first.close();

        Memory.Block third = memory.take(8_192);

        assertThat(address(third)).isEqualTo(place);
        assertThat(third.data().limit()).isEqualTo(8_192);
        assertThat(address(memory.take(8_192))).isNotEqualTo(place);
        assertThat(memory.take(8_193).data().limit()).isEqualTo(8_193);
        assertThat(allocated).containsExactly(8_192, 8_192, 8_192, 16_384);
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
    void blocksOfOtherSizesMakeRoomWhereThereIsNoMore() {
        Memory small = new Memory(bytes -> {
            if (bytes > 8_192 && allocated.size() == 3) {
                allocated.add(bytes);
                throw new OutOfMemoryError("no more direct memory");
            }
            allocated.add(bytes);
            return Tensor.allocate(bytes);
        });
        List.of(small.take(100), small.take(100), small.take(5_000)).forEach(Memory.Block::close);

        assertThat(small.take(10_000).data().limit()).isEqualTo(10_000);

        small.take(100);
        assertThat(allocated).containsExactly(4_096, 4_096, 8_192, 16_384, 16_384, 4_096);
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
