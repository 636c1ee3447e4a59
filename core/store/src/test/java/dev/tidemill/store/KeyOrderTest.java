package dev.tidemill.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyOrderTest {

    @Test
    void comparesAsTheBytesOfUtf8Do() {
        Random random = new Random(3);
        int[] alphabet = {'a', '/', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x1f600, 0x10ffff};
        int unlikeJava = 0;
        for (int i = 0; i < 100_000; i++) {
            String a = word(random, alphabet);
            String b = word(random, alphabet);
            int expected = Integer.signum(Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8)));

            assertThat(Integer.signum(KeyOrder.UTF8.compare(a, b)))
                    .as("%s and %s", a, b)
                    .isEqualTo(expected);
            unlikeJava += Integer.signum(a.compareTo(b)) == expected ? 0 : 1;
        }
        assertThat(unlikeJava).isPositive();
    }

    private static String word(Random random, int[] alphabet) {
        StringBuilder s = new StringBuilder();
        for (int n = random.nextInt(5); n > 0; n--) {
            s.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
        }
        return s.toString();
    }
}
