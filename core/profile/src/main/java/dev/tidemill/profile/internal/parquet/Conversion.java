package dev.tidemill.profile.internal.parquet;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.schema.ColumnSchema;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.TextBuffer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One Parquet leaf's values as this package's (Parquet's LogicalTypes.md). Decimals with a fraction become doubles, rounded once;
 * times of day, UUIDs, intervals and bytes that are no text become texts.
 */
sealed interface Conversion {

    long MICROS_PER_DAY = 86_400_000_000L;
    long NANOS_PER_MICRO = 1_000;

    /** Days from the start of the Julian Period to 1970-01-01, from which INT96 counts. */
    long JULIAN_EPOCH = 2_440_588;

    /** The current batch of {@code reader}, one value a record. */
    ColumnVector read(ColumnReader reader);

    /** What a value is as it is laid down in the file, where it is a number and no more is to be done to it. */
    default @Nullable NumberType number(PhysicalType type) {
        return null;
    }

    static Conversion of(ColumnSchema column) {
        LogicalType logical = column.logicalType();
        return switch (column.type()) {
            case BOOLEAN -> new Booleans();
            case INT32, INT64 -> integer(column.type(), logical);
            case INT96 -> new Int96();
            case FLOAT, DOUBLE -> new Floating();
            case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
                switch (logical) {
                    case LogicalType.DecimalType decimal -> new BinaryDecimals(decimal.scale());
                    case LogicalType.Float16Type half -> new Halves();
                    case LogicalType.UuidType uuid -> new Texts(TextForm.UUID);
                    case LogicalType.IntervalType interval -> new Texts(TextForm.INTERVAL);
                    case null, default -> new Texts(TextForm.BYTES);
                };
        };
    }

    private static Conversion integer(PhysicalType physical, LogicalType logical) {
        return switch (logical) {
            case LogicalType.DateType date -> new Integers(ColumnType.DATE, days -> days * MICROS_PER_DAY);
            case LogicalType.TimestampType timestamp ->
                new Integers(
                        ColumnType.TIMESTAMP,
                        switch (timestamp.unit()) {
                            case MILLIS -> millis -> Math.multiplyExact(millis, 1_000L);
                            case MICROS -> micros -> micros;
                            case NANOS -> nanos -> Math.floorDiv(nanos, NANOS_PER_MICRO);
                        });
            case LogicalType.TimeType time ->
                new TimesOfDay(
                        switch (time.unit()) {
                            case MILLIS -> 1_000_000;
                            case MICROS -> 1_000;
                            case NANOS -> 1;
                        });
            case LogicalType.DecimalType decimal ->
                decimal.scale() > 0 ? new Decimals(decimal.scale()) : Integers.PLAIN;
            case LogicalType.IntType integer -> integer.isSigned() ? Integers.PLAIN : unsigned(physical);
            case null, default -> Integers.PLAIN;
        };
    }

    private static Conversion unsigned(PhysicalType physical) {
        return physical == PhysicalType.INT64 ? new Unsigned64() : Integers.UNSIGNED;
    }

    private static long[] longs(ColumnReader reader) {
        if (reader.getColumnSchema().type() == PhysicalType.INT64) {
            return reader.getLongs();
        }
        int[] ints = reader.getInts();
        var longs = new long[ints.length];
        for (int i = 0; i < ints.length; i++) {
            longs[i] = ints[i];
        }
        return longs;
    }

    private static double decimal(BigInteger unscaled, int scale) {
        return new BigDecimal(unscaled, scale).doubleValue();
    }

    record Booleans() implements Conversion {
        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            boolean[] from = reader.getBooleans();
            var values = new long[slots.records()];
            for (int i = 0; i < values.length; i++) {
                values[i] = slots.has(i) && from[i] ? 1 : 0;
            }
            return new ColumnVector.Longs(ColumnType.BOOLEAN, values, slots.nulls());
        }
    }

    /** @param convert to the unit of {@link ColumnVector.Longs} */
    record Integers(ColumnType type, LongUnaryOperator convert) implements Conversion {
        static final Integers PLAIN = new Integers(ColumnType.INT64, LongUnaryOperator.identity());
        static final Integers UNSIGNED = new Integers(ColumnType.INT64, value -> value & 0xffff_ffffL);

        @Override
        public @Nullable NumberType number(PhysicalType physical) {
            if (type != ColumnType.INT64) {
                return null;
            }
            if (physical == PhysicalType.INT64) {
                return NumberType.INT64;
            }
            return this == UNSIGNED ? NumberType.UINT32 : NumberType.INT32;
        }

        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            long[] from = longs(reader);
            var values = new long[slots.records()];
            for (int i = 0; i < values.length; i++) {
                if (slots.has(i)) {
                    values[i] = convert.applyAsLong(from[i]);
                }
            }
            return new ColumnVector.Longs(type, values, slots.nulls());
        }
    }

    /** Batches with a value above 2^63 - 1 become doubles. */
    record Unsigned64() implements Conversion {
        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            long[] from = reader.getLongs();
            var longs = new long[slots.records()];
            var doubles = new double[slots.records()];
            boolean large = false;
            for (int i = 0; i < longs.length; i++) {
                if (slots.has(i)) {
                    long value = from[i];
                    longs[i] = value;
                    large |= value < 0;
                    // halved with the lost bit kept, so that the sum rounds as the value would
                    doubles[i] = value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
                }
            }
            return large
                    ? new ColumnVector.Doubles(doubles, slots.nulls())
                    : new ColumnVector.Longs(ColumnType.INT64, longs, slots.nulls());
        }
    }

    record Decimals(int scale) implements Conversion {
        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            long[] from = longs(reader);
            var values = new double[slots.records()];
            double power = Math.pow(10, scale);
            for (int i = 0; i < values.length; i++) {
                if (slots.has(i)) {
                    long unscaled = from[i];
                    // up to 2^53 and 10^22 both operands are exact, and the division rounds once
                    values[i] = Math.abs(unscaled) <= 1L << 53 && scale <= 22
                            ? unscaled / power
                            : decimal(BigInteger.valueOf(unscaled), scale);
                }
            }
            return new ColumnVector.Doubles(values, slots.nulls());
        }
    }

    record BinaryDecimals(int scale) implements Conversion {
        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            byte[] from = reader.getBinaryValues();
            int[] offsets = reader.getBinaryOffsets();
            var values = new double[slots.records()];
            for (int i = 0; i < values.length; i++) {
                if (slots.has(i)) {
                    values[i] = decimal(new BigInteger(from, offsets[i], offsets[i + 1] - offsets[i]), scale);
                }
            }
            return new ColumnVector.Doubles(values, slots.nulls());
        }
    }

    record Floating() implements Conversion {
        @Override
        public NumberType number(PhysicalType type) {
            return type == PhysicalType.DOUBLE ? NumberType.DOUBLE : NumberType.FLOAT;
        }

        @Override
        public ColumnVector read(ColumnReader reader) {
            boolean wide = reader.getColumnSchema().type() == PhysicalType.DOUBLE;
            return new ColumnVector.Doubles(
                    wide ? reader.getDoubles() : widened(reader.getFloats()),
                    Slots.of(reader).nulls());
        }

        private static double[] widened(float[] floats) {
            var doubles = new double[floats.length];
            for (int i = 0; i < floats.length; i++) {
                doubles[i] = floats[i];
            }
            return doubles;
        }
    }

    record Halves() implements Conversion {
        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            var from = ByteBuffer.wrap(reader.getBinaryValues()).order(ByteOrder.LITTLE_ENDIAN);
            int[] offsets = reader.getBinaryOffsets();
            var values = new double[slots.records()];
            for (int i = 0; i < values.length; i++) {
                if (slots.has(i)) {
                    values[i] = Float.float16ToFloat(from.getShort(offsets[i]));
                }
            }
            return new ColumnVector.Doubles(values, slots.nulls());
        }
    }

    /** Nanoseconds of the day, then the Julian day: what Impala, Hive and old Spark wrote for timestamps. */
    record Int96() implements Conversion {
        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            var from = ByteBuffer.wrap(reader.getBinaryValues()).order(ByteOrder.LITTLE_ENDIAN);
            int[] offsets = reader.getBinaryOffsets();
            var values = new long[slots.records()];
            for (int i = 0; i < values.length; i++) {
                if (slots.has(i)) {
                    int at = offsets[i];
                    long day = from.getInt(at + 8) - JULIAN_EPOCH;
                    values[i] = day * MICROS_PER_DAY + Math.floorDiv(from.getLong(at), NANOS_PER_MICRO);
                }
            }
            return new ColumnVector.Longs(ColumnType.TIMESTAMP, values, slots.nulls());
        }
    }

    /** @param nanosPerUnit of the file's numbers */
    record TimesOfDay(long nanosPerUnit) implements Conversion {
        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            long[] from = longs(reader);
            var texts = new TextBuffer(slots.records(), 15 * slots.records());
            for (int i = 0; i < slots.records(); i++) {
                if (slots.has(i)) {
                    texts.add(i, TextForm.timeOfDay(from[i] * nanosPerUnit));
                }
            }
            return texts.vector();
        }
    }

    record Texts(TextForm form) implements Conversion {
        @Override
        public ColumnVector read(ColumnReader reader) {
            Slots slots = Slots.of(reader);
            byte[] from = reader.getBinaryValues();
            int[] offsets = reader.getBinaryOffsets();
            var texts = new TextBuffer(slots.records(), from.length);
            for (int i = 0; i < slots.records(); i++) {
                if (slots.has(i)) {
                    form.write(from, offsets[i], offsets[i + 1] - offsets[i], i, texts);
                }
            }
            return texts.vector();
        }
    }
}
