package dev.tidemill.functions.dataflow;

import dev.tidemill.api.DatasetSpec.Column;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The values of one made-up column in one object. The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
 * Number Generators, OOPSLA 2014) and the normal distribution Marsaglia's polar method with {@link StrictMath}, written out here
 * because no JDK promises to keep the bytes that its own generators give.
 */
final class Values {

    /**
     * One cell.
     *
     * @param number whether JSON writes it without quotes
     */
    record Value(@Nullable String text, boolean number) {
        static final Value NULL = new Value(null, false);
    }

    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private final Column column;
    private long state;
    private long row;
    private double spare = Double.NaN;

    private Values(Column column, long state, long firstRow) {
        this.column = column;
        this.state = state;
        this.row = firstRow;
    }

    static Values of(Column column, long seed, int object, long firstRow) {
        CRC32C name = new CRC32C();
        name.update(column.name().getBytes(StandardCharsets.UTF_8));
        long start = mix(mix(mix(seed + GOLDEN) + object) ^ name.getValue());
        return new Values(column, start, firstRow);
    }

    Value next() {
        long here = row++;
        Supplier<Value> value = () -> switch (column.distribution()) {
            case Uniform -> number(between(column.minOrDefault(), column.maxOrDefault()));
            case Normal -> number(column.meanOrDefault() + column.stddevOrDefault() * gaussian());
            case Integer ->
                whole((long) Math.floor(between(Math.ceil(column.minOrDefault()), Math.ceil(column.maxOrDefault()))));
            case Sequence -> whole(here);
            case Choice ->
                new Value(column.values().get((int) (unit() * column.values().size())), false);
        };
        return column.nullPercent() > 0 && unit() * 100 < column.nullPercent() ? Value.NULL : value.get();
    }

    private static Value number(double value) {
        return new Value(Double.toString(value), true);
    }

    private static Value whole(long value) {
        return new Value(Long.toString(value), true);
    }

    /** In [min, max): the product may round up to max, which is not wanted. */
    private double between(double min, double max) {
        return Math.min(min + unit() * (max - min), Math.nextDown(max));
    }

    /** In [0, 1), 53 bits. */
    private double unit() {
        state += GOLDEN;
        return (mix(state) >>> 11) * 0x1.0p-53;
    }

    private double gaussian() {
        if (!Double.isNaN(spare)) {
            double value = spare;
            spare = Double.NaN;
            return value;
        }
        double x;
        double y;
        double square;
        do {
            x = 2 * unit() - 1;
            y = 2 * unit() - 1;
            square = x * x + y * y;
        } while (square >= 1 || square == 0);
        double factor = StrictMath.sqrt(-2 * StrictMath.log(square) / square);
        spare = y * factor;
        return x * factor;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
