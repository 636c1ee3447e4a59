package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A number of bytes as Kubernetes writes quantities: digits and one of {@code k M G T} (powers of 1000) or {@code Ki Mi Gi Ti}
 * (powers of 1024). {@code 64Mi} and {@code 65536Ki} are equal.
 *
 * @param bytes at least 1
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {

    /** What the CRDs accept. */
    public static final String PATTERN = "^[1-9][0-9]{0,14}(k|M|G|T|Ki|Mi|Gi|Ti)?$";

    private static final Pattern SYNTAX = Pattern.compile("([1-9][0-9]{0,14})(k|M|G|T|Ki|Mi|Gi|Ti)?");
    private static final Map<String, Long> UNITS = Map.of(
            "k",
            1_000L,
            "M",
            1_000_000L,
            "G",
            1_000_000_000L,
            "T",
            1_000_000_000_000L,
            "Ki",
            1L << 10,
            "Mi",
            1L << 20,
            "Gi",
            1L << 30,
            "Ti",
            1L << 40);

    public ByteSize {
        if (bytes < 1) {
            throw new IllegalArgumentException("a size is at least one byte, not " + bytes);
        }
    }

    /** Reads {@code 64Mi}, {@code 1G} or {@code 4096}. */
    @JsonCreator
    public static ByteSize parse(String text) {
        var matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a size: write a whole number with a unit, such as 64Mi or 1G");
        }
        var unit = matcher.group(2);
        try {
            return new ByteSize(Math.multiplyExact(
                    Long.parseLong(matcher.group(1)), unit == null ? 1L : UNITS.getOrDefault(unit, 1L)));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("\"" + text + "\" is more bytes than a 64-bit number can count", e);
        }
    }

    public static ByteSize ofMebibytes(long mebibytes) {
        return new ByteSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The shortest binary spelling: {@code 64Mi}, not {@code 67108864}. */
    @JsonValue
    @Override
    public String toString() {
        var units = new String[] {"", "Ki", "Mi", "Gi", "Ti"};
        var unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, units.length - 1);
        return (bytes >> (10 * unit)) + units[unit];
    }
}
