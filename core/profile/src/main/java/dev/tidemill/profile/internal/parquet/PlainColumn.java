package dev.tidemill.profile.internal.parquet;

import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import org.jspecify.annotations.Nullable;

/** A number in every row of a batch, as the file's own type has it. */
sealed interface PlainColumn {

    /** Puts the values of some rows as float32 {@code stride} apart. */
    void scatter(int from, int rows, float[] into, int at, int stride);

    /** The current batch of {@code reader}; null where a row has no value. */
    static @Nullable PlainColumn of(ColumnReader reader, boolean unsigned) {
        if (Slots.of(reader).nulls() != null) {
            return null;
        }
        PhysicalType type = reader.getColumnSchema().type();
        return switch (type) {
            case FLOAT -> new Floats(reader.getFloats());
            case DOUBLE -> new Doubles(reader.getDoubles());
            case INT32 -> new Ints(reader.getInts(), unsigned ? 0xffff_ffffL : -1);
            case INT64 -> new Longs(reader.getLongs());
            case BOOLEAN, INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
                throw new IllegalArgumentException(type + " is no number");
        };
    }

    record Floats(float[] values) implements PlainColumn {
        @Override
        public void scatter(int from, int rows, float[] into, int at, int stride) {
            for (int i = 0; i < rows; i++) {
                into[at + i * stride] = values[from + i];
            }
        }
    }

    record Doubles(double[] values) implements PlainColumn {
        @Override
        public void scatter(int from, int rows, float[] into, int at, int stride) {
            for (int i = 0; i < rows; i++) {
                into[at + i * stride] = (float) values[from + i];
            }
        }
    }

    /** @param mask of the bits that count once the value is a long */
    record Ints(int[] values, long mask) implements PlainColumn {
        @Override
        public void scatter(int from, int rows, float[] into, int at, int stride) {
            for (int i = 0; i < rows; i++) {
                into[at + i * stride] = (float) (values[from + i] & mask);
            }
        }
    }

    /** Rounded to a double first, as every number of a record is. */
    record Longs(long[] values) implements PlainColumn {
        @Override
        public void scatter(int from, int rows, float[] into, int at, int stride) {
            for (int i = 0; i < rows; i++) {
                into[at + i * stride] = (float) (double) values[from + i];
            }
        }
    }
}
