package dev.tidemill.profile.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FloatTextTest {

    private final byte[] bytes = new byte[FloatText.MOST];

    private String text(float value) {
        return new String(bytes, 0, FloatText.write(value, bytes, 0), StandardCharsets.ISO_8859_1);
    }

    /** Of every exponent, subnormal ones among them: its first and last floats, and many between. */
    @Test
    void isTheTextOfFloatToStringForEveryExponent() {
        Random random = new Random(1);
        for (int exponent = 0; exponent < 255; exponent++) {
            for (int i = 0; i < 4_000; i++) {
                int fraction = i < 64 ? i : i < 128 ? (1 << 23) - (i - 63) : random.nextInt(1 << 23);
                float value = Float.intBitsToFloat(random.nextInt(2) << 31 | exponent << 23 | fraction);
                assertThat(text(value)).isEqualTo(Float.toString(value));
            }
        }
    }

    @Test
    void isTheTextOfFloatToStringForDecimalsAsPeopleWriteThem() {
        for (int i = -200_000; i < 200_000; i++) {
            for (float value :
                    new float[] {i, i / 10f, i / 1000f, i * 1e-8f, i * 64f, Float.intBitsToFloat(i & ~1 << 31)}) {
                assertThat(text(value)).isEqualTo(Float.toString(value));
            }
        }
    }

    /** Without asking Float.toString: it rounds back to the float, and no decimal of fewer digits does. */
    @Test
    void roundsBackAndHasNoDigitTooMany() {
        Random random = new Random(2);
        for (int i = 0; i < 200_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt() & 0x7FFF_FFFF);
            if (!Float.isFinite(value) || value < Float.MIN_NORMAL) {
                continue;
            }
            BigDecimal written = new BigDecimal(text(value)).stripTrailingZeros();
            assertThat(written.floatValue()).isEqualTo(value);
            if (written.precision() > 1) {
                BigDecimal unit = BigDecimal.ONE.scaleByPowerOfTen(1 - written.scale());
                BigDecimal below = written.divideToIntegralValue(unit).multiply(unit);
                assertThat(below.floatValue()).isNotEqualTo(value);
                assertThat(below.add(unit).floatValue()).isNotEqualTo(value);
            }
        }
    }
}
