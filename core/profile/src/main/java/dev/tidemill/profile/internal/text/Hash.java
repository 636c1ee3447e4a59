package dev.tidemill.profile.internal.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * 64-bit hashes for sketches: two multiplications for a text of up to 16 bytes, after the construction of wyhash (Wang Yi). Not
 * for adversaries: whoever knows the constants can make texts collide, and gets a wrong distinct count of their own data.
 *
 * <p>A number hashes by its value, so that {@code 1} and {@code 1.0} are one.
 */
public final class Hash {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long S0 = 0xa0761d6478bd642fL;
    private static final long S1 = 0xe7037ed1a0b428dbL;
    private static final long S2 = 0x8ebc6af09c88c6e3L;

    private Hash() {}

    /** Eight bytes, the first in the lowest byte. */
    public static long load(byte[] buffer, int at) {
        return (long) LONG.get(buffer, at);
    }

    /** The first {@code min(8, length)} bytes as a big-endian word, zeros behind: it compares as the text does. */
    public static long prefix(byte[] buffer, int start, int length) {
        if (length <= 0) {
            return 0;
        }
        long word = Long.reverseBytes(load(buffer, start));
        return length >= 8 ? word : word & (-1L << (64 - 8 * length));
    }

    /** The hash of a text, which must be followed by 8 readable bytes. */
    public static long text(byte[] buffer, int start, int length) {
        long a;
        long b;
        long seed = S0 ^ length * S2;
        if (length <= 8) {
            a = length == 0 ? 0 : load(buffer, start) & (-1L >>> (64 - 8 * length));
            b = S2;
        } else {
            int at = start;
            int last = start + length - 16;
            while (at < last) {
                seed = mix(load(buffer, at) ^ S1, load(buffer, at + 8) ^ seed);
                at += 16;
            }
            if (length < 16) {
                a = load(buffer, start);
                b = load(buffer, start + length - 8);
            } else {
                a = load(buffer, last);
                b = load(buffer, last + 8);
            }
        }
        return mix(S1 ^ length, mix(a ^ S1, b ^ seed));
    }

    /** The hash of a whole number. */
    public static long number(long value) {
        double asDouble = (double) value;
        return (long) asDouble == value && value != Long.MAX_VALUE
                ? scramble(Double.doubleToRawLongBits(asDouble))
                : scramble(value ^ S2);
    }

    /** The hash of a number: zero and minus zero are one. */
    public static long number(double value) {
        return scramble(Double.doubleToRawLongBits(value + 0.0));
    }

    /** The hash of a point in time, in microseconds. */
    public static long time(long micros) {
        return scramble(micros ^ S0);
    }

    /** Two rounds: after one, the hashes of consecutive numbers are spread too evenly for a sketch that counts on chance. */
    private static long scramble(long bits) {
        long once = mix(bits ^ S0, S1);
        return mix(once ^ S2, S1 ^ bits);
    }

    private static long mix(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
