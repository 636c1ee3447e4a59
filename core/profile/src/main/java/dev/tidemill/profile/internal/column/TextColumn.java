package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.internal.ColumnVector.Inference;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.text.Hash;
import dev.tidemill.profile.internal.text.Numbers;
import dev.tidemill.profile.internal.text.TextValue;
import dev.tidemill.profile.internal.text.Times;

/**
 * One batch of texts on its way into a column. While values have the column's type, a loop for that type takes them; the first one
 * that does not widens the column, and the loop for the wider type goes on. All values of a column thus pass a loop without a
 * decision for each about what they are.
 */
final class TextColumn {
    private final ColumnSummary column;
    private final Scratch scratch;
    private final byte[] buffer;
    private final int[] starts;
    private final int[] lengths;
    private final Inference inference;
    private final boolean ascii;

    TextColumn(ColumnSummary column, Texts texts, Scratch scratch) {
        this.column = column;
        this.scratch = scratch;
        buffer = texts.buffer();
        starts = scratch.starts;
        lengths = scratch.lengths;
        inference = texts.inference();
        ascii = texts.ascii();
        rowStarts = texts.starts();
        rowLengths = texts.lengths();
    }

    private final int[] rowStarts;
    private final int[] rowLengths;

    void add(int rows) {
        int n = withoutNulls(rows);
        if (n == 0) {
            return;
        }
        column.count += n;
        column.texts.add(buffer, starts, lengths, n, ascii);
        if (column.type == ColumnType.NULL) {
            column.widenTo(scratch.value.read(buffer, starts[0], lengths[0], inference));
        }
        int at = 0;
        while (at < n) {
            int to = switch (column.type) {
                case NULL, STRING -> strings(at, n);
                case BOOLEAN -> booleans(at, n);
                case INT64 -> longs(at, n);
                case DOUBLE -> doubles(at, n);
                case DATE, TIMESTAMP -> times(at, n);
            };
            column.frequencies.add(scratch.hashes, at, to, i -> Frequencies.text(buffer, starts[i], lengths[i]));
            if (to < n) {
                column.widenTo(scratch.value.read(buffer, starts[to], lengths[to], inference));
            }
            at = to;
        }
    }

    private int withoutNulls(int rows) {
        int n = 0;
        for (int i = 0; i < rows; i++) {
            starts[n] = rowStarts[i];
            lengths[n] = rowLengths[i];
            n += rowLengths[i] >= 0 ? 1 : 0;
        }
        return n;
    }

    private int strings(int from, int n) {
        long[] hashes = scratch.hashes;
        for (int i = from; i < n; i++) {
            hashes[i] = hash(i);
        }
        column.distinctTexts.add(hashes, from, n);
        return n;
    }

    /** The hash of a text: that of its value where another column type would give the same text for it. */
    private long hash(int i) {
        int start = starts[i];
        int length = lengths[i];
        if (length > 0 && buffer[start] <= '9' && length <= 20) {
            long number = Numbers.parseLong(buffer, start, length);
            if (number != Numbers.NO_LONG) {
                return Hash.number(number);
            }
            long date = Times.parseDate(buffer, start, length);
            if (date != Times.NO_TIME) {
                return Hash.time(date);
            }
        }
        return Hash.text(buffer, start, length);
    }

    private int booleans(int from, int n) {
        TextValue value = scratch.value;
        int i = from;
        for (; i < n; i++) {
            if (value.read(buffer, starts[i], lengths[i], inference) != ColumnType.BOOLEAN) {
                break;
            }
            column.trues += value.number();
            scratch.hashes[i] = Hash.text(buffer, starts[i], lengths[i]);
        }
        column.distinctTexts.add(scratch.hashes, from, i);
        return i;
    }

    private int longs(int from, int n) {
        long[] values = scratch.longs;
        long[] hashes = scratch.hashes;
        boolean shortest = true;
        int i = from;
        for (; i < n; i++) {
            long value = Numbers.parseLong(buffer, starts[i], lengths[i]);
            long hash = Hash.number(value);
            if (value == Numbers.NO_LONG) {
                if (scratch.value.read(buffer, starts[i], lengths[i], inference) != ColumnType.INT64) {
                    break;
                }
                value = scratch.value.number();
                hash = Hash.text(buffer, starts[i], lengths[i]);
                shortest = false;
            }
            values[i - from] = value;
            hashes[i] = hash;
        }
        int count = i - from;
        if (!shortest || column.distinctValues != null) {
            for (int k = 0; k < count; k++) {
                scratch.valueHashes[k] = Hash.number(values[k]);
            }
            column.distinctValues().add(scratch.valueHashes, 0, count);
        }
        column.distinctTexts.add(hashes, from, i);
        if (count > 0) {
            column.numbers().addLongs(scratch, count);
        }
        return i;
    }

    private int doubles(int from, int n) {
        double[] values = scratch.doubles;
        long[] hashes = scratch.hashes;
        int count = 0;
        int i = from;
        for (; i < n; i++) {
            int start = starts[i];
            int length = lengths[i];
            double value = Numbers.parseDouble(buffer, start, length);
            if (Double.isNaN(value)) {
                ColumnType type = scratch.value.read(buffer, start, length, inference);
                if (type == ColumnType.INT64) {
                    value = (double) scratch.value.number();
                } else if (type == ColumnType.DOUBLE) {
                    value = scratch.value.real();
                } else {
                    break;
                }
            }
            hashes[i] = value == Math.rint(value) ? hash(i) : Hash.text(buffer, start, length);
            values[count] = value;
            count += Double.isNaN(value) ? 0 : 1;
        }
        column.nan += i - from - count;
        for (int k = 0; k < count; k++) {
            scratch.valueHashes[k] = Hash.number(values[k]);
        }
        column.distinctValues().add(scratch.valueHashes, 0, count);
        column.distinctTexts.add(hashes, from, i);
        if (count > 0) {
            column.numbers().addDoubles(scratch, count);
        }
        return i;
    }

    private int times(int from, int n) {
        long[] values = scratch.longs;
        long[] hashes = scratch.hashes;
        boolean dates = true;
        int i = from;
        for (; i < n; i++) {
            int start = starts[i];
            int length = lengths[i];
            long value = Times.parseDate(buffer, start, length);
            long hash = Hash.time(value);
            if (value == Times.NO_TIME) {
                ColumnType type = scratch.value.read(buffer, start, length, inference);
                if (type != ColumnType.DATE && (type != ColumnType.TIMESTAMP || column.type == ColumnType.DATE)) {
                    break;
                }
                value = scratch.value.number();
                hash = Hash.text(buffer, start, length);
                dates = false;
            }
            values[i - from] = value;
            hashes[i] = hash;
        }
        int count = i - from;
        if (!dates || column.distinctValues != null) {
            for (int k = 0; k < count; k++) {
                scratch.valueHashes[k] = Hash.time(values[k]);
            }
            column.distinctValues().add(scratch.valueHashes, 0, count);
        }
        column.distinctTexts.add(hashes, from, i);
        if (count > 0) {
            column.numbers().addTimes(scratch, count);
        }
        return i;
    }
}
