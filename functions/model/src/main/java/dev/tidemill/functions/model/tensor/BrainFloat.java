package dev.tidemill.functions.model.tensor;

/** BF16: the upper half of a float. */
public final class BrainFloat {

    private BrainFloat() {}

    /** To the nearest, ties to even; NaN stays NaN. */
    public static short of(float value) {
        if (Float.isNaN(value)) {
            return (short) 0x7FC0;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    public static float toFloat(short value) {
        return Float.intBitsToFloat(value << 16);
    }
}
