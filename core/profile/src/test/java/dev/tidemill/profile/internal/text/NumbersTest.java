package dev.tidemill.profile.internal.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.profile.internal.Batch;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class NumbersTest {
    private final Random random = new Random(11);

    @Test
    void readsEveryLongAsTheJdkDoes() {
        for (int i = 0; i < 200_000; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            if (value != Long.MIN_VALUE) {
                assertThat(parseLong(Long.toString(value))).isEqualTo(value);
            }
        }
        assertThat(parseLong("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(parseLong("-9223372036854775807")).isEqualTo(-Long.MAX_VALUE);
    }

    @Test
    void takesNothingForALongThatIsNotOneInItsShortestForm() {
        for (String text : List.of(
                "",
                "-",
                "+1",
                "01",
                "-0",
                "00",
                "1.",
                "1e2",
                "1 ",
                " 1",
                "1a",
                "a1",
                "12345678a",
                "a2345678",
                "1234567890123456x",
                "9223372036854775808",
                "-9223372036854775808",
                "9999999999999999999",
                "99999999999999999999",
                "１",
                "1\u0000")) {
            assertThat(parseLong(text)).as(text).isEqualTo(Numbers.NO_LONG);
        }
    }

    @Test
    void readsEveryDoubleAsTheJdkDoes() {
        for (int i = 0; i < 200_000; i++) {
            String text = switch (i % 4) {
                case 0 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
                case 1 -> Double.toString(random.nextGaussian());
                case 2 ->
                    BigDecimal.valueOf(random.nextLong(), random.nextInt(25)).toPlainString();
                default -> "%d.%02d".formatted(random.nextInt(100_000) - 50_000, random.nextInt(100));
            };
            double expected = Double.parseDouble(text);
            if (Double.isFinite(expected)) {
                assertThat(parseDouble(text)).as(text).isEqualTo(expected);
            }
        }
    }

    @Test
    void takesNothingForADoubleThatIsNotOne() {
        for (String text : List.of(
                "", "-", ".", "-.", "1e", "1e+", "e5", "1.5d", "1.5f", "0x1p3", "1,5", "1.2.3", "00.5", "1e400", "nan",
                " 1.5", "1_0.0")) {
            assertThat(parseDouble(text)).as(text).isNaN();
        }
    }

    /** Every text of up to six of these bytes, and many longer ones. */
    @Test
    void readsWhatIsANumberAndNothingElse() {
        String alphabet = "0195.-e";
        Pattern number = Pattern.compile("-?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)(e[0-9-][0-9]*(?<!-))?");
        int numbers = 0;
        for (int i = 0; i < 500_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int left = i; left > 0 && i < 280_000; left /= alphabet.length() + 1) {
                text.append(
                        left % (alphabet.length() + 1) == 0 ? "" : alphabet.charAt(left % (alphabet.length() + 1) - 1));
            }
            for (int length = i < 280_000 ? 0 : 7 + random.nextInt(14); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(random.nextInt(8) == 0 ? alphabet.length() : 4)));
            }
            double expected = number.matcher(text).matches() ? Double.parseDouble(text.toString()) : Double.NaN;
            assertThat(Double.doubleToRawLongBits(parseDouble(text.toString())))
                    .as(text.toString())
                    .isEqualTo(Double.doubleToRawLongBits(Double.isInfinite(expected) ? Double.NaN : expected));
            numbers += Double.isNaN(expected) ? 0 : 1;
        }
        assertThat(numbers).isGreaterThan(60_000);
    }

    @Test
    void readsTimesAsTheJdkDoes() {
        LocalDateTime start = LocalDateTime.of(1, 1, 1, 0, 0);
        for (int i = 0; i < 100_000; i++) {
            LocalDateTime time = start.plusSeconds(random.nextLong(9998L * 365 * 86_400))
                    .plusNanos(random.nextInt(1_000_000) * 1000L);
            long micros = ChronoUnit.MICROS.between(LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC), time);
            byte[] text = padded(time.toString());
            assertThat(Times.parseTimestamp(text, 0, text.length - Batch.SLACK))
                    .as(time.toString())
                    .isEqualTo(micros);
            byte[] day = padded(time.toLocalDate().toString());
            assertThat(Times.parseDate(day, 0, 10)).isEqualTo(time.toLocalDate().toEpochDay() * Times.MICROS_PER_DAY);
        }
    }

    private static long parseLong(String text) {
        byte[] bytes = padded(text);
        return Numbers.parseLong(bytes, 0, bytes.length - Batch.SLACK);
    }

    private static double parseDouble(String text) {
        byte[] bytes = padded(text);
        return Numbers.parseDouble(bytes, 0, bytes.length - Batch.SLACK);
    }

    /** Digits behind the text, which must not be read as part of it. */
    private static byte[] padded(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        byte[] padded = Arrays.copyOf(bytes, bytes.length + Batch.SLACK);
        Arrays.fill(padded, bytes.length, padded.length, (byte) '7');
        return padded;
    }
}
