package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.internal.ColumnVector.Doubles;
import dev.tidemill.profile.internal.ColumnVector.Longs;
import dev.tidemill.profile.internal.text.Hash;
import dev.tidemill.profile.internal.text.TypedText;
import org.jspecify.annotations.Nullable;

/** One batch of values of a declared type on its way into a column. */
final class TypedColumn {
    private TypedColumn() {}

    static void add(ColumnSummary column, Longs vector, int rows, Scratch scratch) {
        int n = withoutNulls(vector.values(), vector.nulls(), rows, scratch.longs);
        if (n == 0) {
            return;
        }
        column.widenTo(vector.type());
        column.count += n;
        if (column.type == ColumnType.DOUBLE) {
            for (int i = 0; i < n; i++) {
                scratch.doubles[i] = scratch.longs[i];
            }
            addDoubles(column, n, scratch);
            return;
        }
        long[] values = scratch.longs;
        for (int i = 0; i < n; i++) {
            scratch.hashes[i] = vector.type().isTemporal() ? Hash.time(values[i]) : Hash.number(values[i]);
        }
        addHashes(column, n, scratch);
        column.frequencies.add(scratch.hashes, 0, n, i -> Frequencies.text(TypedText.of(vector.type(), values[i])));
        if (vector.type() == ColumnType.BOOLEAN) {
            for (int i = 0; i < n; i++) {
                column.trues += values[i];
            }
        } else if (column.type == ColumnType.INT64) {
            column.numbers().addLongs(scratch, n);
        } else if (column.type.isTemporal()) {
            column.numbers().addTimes(scratch, n);
        }
    }

    static void add(ColumnSummary column, Doubles vector, int rows, Scratch scratch) {
        double[] values = vector.values();
        boolean[] nulls = vector.nulls();
        int n = 0;
        int nan = 0;
        for (int i = 0; i < rows; i++) {
            if (nulls == null || !nulls[i]) {
                boolean isNan = Double.isNaN(values[i]);
                nan += isNan ? 1 : 0;
                scratch.doubles[n] = values[i];
                n += isNan ? 0 : 1;
            }
        }
        if (n + nan == 0) {
            return;
        }
        column.widenTo(ColumnType.DOUBLE);
        column.count += n + nan;
        if (column.type == ColumnType.DOUBLE) {
            column.nan += nan;
        }
        if (n > 0) {
            addDoubles(column, n, scratch);
        }
    }

    private static void addDoubles(ColumnSummary column, int n, Scratch scratch) {
        for (int i = 0; i < n; i++) {
            scratch.hashes[i] = Hash.number(scratch.doubles[i]);
        }
        addHashes(column, n, scratch);
        column.frequencies.add(scratch.hashes, 0, n, i -> Frequencies.text(Double.toString(scratch.doubles[i])));
        if (column.type == ColumnType.DOUBLE) {
            column.numbers().addDoubles(scratch, n);
        }
    }

    private static void addHashes(ColumnSummary column, int n, Scratch scratch) {
        column.distinctTexts.add(scratch.hashes, 0, n);
        if (column.distinctValues != null) {
            column.distinctValues.add(scratch.hashes, 0, n);
        }
    }

    private static int withoutNulls(long[] values, boolean @Nullable [] nulls, int rows, long[] into) {
        if (nulls == null) {
            System.arraycopy(values, 0, into, 0, rows);
            return rows;
        }
        int n = 0;
        for (int i = 0; i < rows; i++) {
            into[n] = values[i];
            n += nulls[i] ? 0 : 1;
        }
        return n;
    }
}
