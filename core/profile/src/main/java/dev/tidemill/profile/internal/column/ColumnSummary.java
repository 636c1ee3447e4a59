package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.ColumnProfile.Bin;
import dev.tidemill.profile.ColumnProfile.Lengths;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.ColumnVector.Doubles;
import dev.tidemill.profile.internal.ColumnVector.Longs;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.text.Times;
import dev.tidemill.profile.internal.text.TypedText;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one column so far. It has the narrowest type that holds all its values, and only what that type needs; a value
 * that does not fit widens it. What every wider type would need of the values already seen (their texts' bounds and hashes) is kept
 * from the beginning, so that no order of values or of merges makes a difference.
 */
final class ColumnSummary {
    private static final int TOP = 10;
    private static final int BINS = 20;

    ColumnType type = ColumnType.NULL;
    long count;
    long nan;
    long trues;
    final TextBounds texts;
    final Frequencies frequencies;
    /** Different texts; a whole number and a date in their shortest form hash by their value here too. */
    final Distinct distinctTexts;
    /** Different values, from the moment on when two texts were seen that may mean the same value; until then the same as the texts. */
    @Nullable
    Distinct distinctValues;

    @Nullable
    NumberSummary numbers;

    ColumnSummary() {
        this(new TextBounds(), new Frequencies(), new Distinct());
    }

    private ColumnSummary(TextBounds texts, Frequencies frequencies, Distinct distinctTexts) {
        this.texts = texts;
        this.frequencies = frequencies;
        this.distinctTexts = distinctTexts;
    }

    void add(ColumnVector vector, int rows, Scratch scratch) {
        switch (vector) {
            case Texts text -> new TextColumn(this, text, scratch.forRows(rows)).add(rows);
            case Longs longs -> TypedColumn.add(this, longs, rows, scratch.forRows(rows));
            case Doubles doubles -> TypedColumn.add(this, doubles, rows, scratch.forRows(rows));
        }
    }

    /** Widens the column so that it can hold values of that type too. */
    void widenTo(ColumnType other) {
        ColumnType wider = type.widen(other);
        if (wider == type) {
            return;
        }
        if (wider == ColumnType.STRING) {
            boundsOfTypedValues();
            numbers = null;
            distinctValues = null;
            nan = 0;
        } else if (wider == ColumnType.DOUBLE && numbers != null) {
            numbers.toDoubles();
        }
        type = wider;
    }

    /** Values of a declared type have no texts; when they become strings after all, the texts of their bounds stand for them. */
    private void boundsOfTypedValues() {
        if (count > nan && texts.isEmpty() && type != ColumnType.NULL) {
            Object min = min();
            Object max = max();
            texts.add(String.valueOf(min).getBytes(StandardCharsets.UTF_8));
            texts.add(String.valueOf(max).getBytes(StandardCharsets.UTF_8));
        }
    }

    NumberSummary numbers() {
        if (numbers == null) {
            numbers = new NumberSummary();
        }
        return numbers;
    }

    /** From here on texts and values are counted apart. */
    Distinct distinctValues() {
        if (distinctValues == null) {
            distinctValues = distinctTexts.copy();
        }
        return distinctValues;
    }

    /** Adds the other's values; the other is left in an unspecified state. */
    void merge(ColumnSummary other) {
        if (texts.isEmpty() != other.texts.isEmpty()) {
            (texts.isEmpty() ? this : other).boundsOfTypedValues();
        }
        widenTo(other.type);
        other.widenTo(type);
        if (distinctValues != null || other.distinctValues != null) {
            Distinct others = other.distinctValues();
            distinctValues().merge(others);
        }
        distinctTexts.merge(other.distinctTexts);
        count += other.count;
        nan += other.nan;
        trues += other.trues;
        texts.merge(other.texts);
        frequencies.merge(other.frequencies);
        if (other.numbers != null) {
            numbers().merge(other.numbers);
        }
    }

    /** Gives up precision for size: {@code level} 1 roughly halves what is known, each further one quarters it. */
    void coarsen(int level) {
        int bits = 15 - 2 * level;
        distinctTexts.coarsen(bits, 1 << (bits - 3));
        if (distinctValues != null) {
            distinctValues.coarsen(bits, 1 << (bits - 3));
        }
        frequencies.coarsen(256 >> 2 * level);
        if (numbers != null) {
            numbers.quantiles.coarsen(Quantiles.K >> level);
        }
    }

    ColumnProfile profile(String name, long rows) {
        Quantiles.@Nullable Ranks ranks =
                numbers == null || numbers.quantiles.count() == 0 ? null : numbers.quantiles.ranks();
        boolean numeric = type.isNumeric() && ranks != null;
        return new ColumnProfile(
                name,
                type,
                count,
                rows - count,
                nan,
                min(),
                max(),
                numeric ? (Double) numbers().moments.mean() : null,
                numeric && numbers().moments.count() > 1
                        ? (Double) numbers().moments.stddev()
                        : null,
                ranks == null ? null : value(ranks.quantile(0.25)),
                ranks == null ? null : value(ranks.quantile(0.5)),
                ranks == null ? null : value(ranks.quantile(0.75)),
                distinct(),
                frequencies.top(TOP),
                type == ColumnType.STRING && !texts.isEmpty()
                        ? new Lengths(texts.shortest(), texts.longest(), texts.meanLength())
                        : null,
                ranks == null ? List.of() : histogram(ranks));
    }

    private long distinct() {
        if (type == ColumnType.BOOLEAN) {
            return (trues > 0 ? 1 : 0) + (trues < count ? 1 : 0);
        }
        return Math.min(count - nan, (distinctValues == null ? distinctTexts : distinctValues).estimate());
    }

    private @Nullable Object min() {
        return switch (type) {
            case NULL -> null;
            case BOOLEAN -> trues == count;
            case STRING -> string(texts.min());
            case INT64, DOUBLE, DATE, TIMESTAMP ->
                numbers == null || numbers.quantiles.count() == 0 ? null : value(numbers.min);
        };
    }

    private @Nullable Object max() {
        return switch (type) {
            case NULL -> null;
            case BOOLEAN -> trues > 0;
            case STRING -> string(texts.max());
            case INT64, DOUBLE, DATE, TIMESTAMP ->
                numbers == null || numbers.quantiles.count() == 0 ? null : value(numbers.max);
        };
    }

    private static @Nullable String string(byte @Nullable [] text) {
        return text == null ? null : new String(text, StandardCharsets.UTF_8);
    }

    private Object value(long key) {
        return switch (type) {
            case DOUBLE -> NumberSummary.fromKey(key);
            case DATE -> LocalDate.ofEpochDay(Math.floorDiv(key, Times.MICROS_PER_DAY));
            case TIMESTAMP -> TypedText.time(key);
            case NULL, BOOLEAN, INT64, STRING -> key;
        };
    }

    private List<Bin> histogram(Quantiles.Ranks ranks) {
        NumberSummary summary = numbers();
        if (type != ColumnType.DOUBLE) {
            return bins(ranks, summary.min, summary.max);
        }
        double min = NumberSummary.fromKey(summary.min);
        double max = NumberSummary.fromKey(summary.max);
        double width = (max - min) / BINS;
        if (!Double.isFinite(width)) {
            return List.of();
        }
        List<Bin> bins = new ArrayList<>();
        int n = width > 0 ? BINS : 1;
        long below = 0;
        for (int i = 1; i <= n; i++) {
            double to = i == n ? max : min + i * width;
            long upTo = ranks.atMost(NumberSummary.key(i == n ? to : Math.nextDown(to)));
            bins.add(new Bin(min + (i - 1) * width, to, upTo - below));
            below = upTo;
        }
        return bins;
    }

    private List<Bin> bins(Quantiles.Ranks ranks, long min, long max) {
        List<Bin> bins = new ArrayList<>();
        double width = ((double) max - (double) min) / BINS;
        int n = width >= 1 ? BINS : (int) Math.max(1, max - min);
        width = ((double) max - (double) min) / n;
        long below = 0;
        long from = min;
        for (int i = 1; i <= n; i++) {
            long to = i == n ? max : min + (long) (i * width);
            long upTo = ranks.atMost(i == n ? to : to - 1);
            bins.add(new Bin(value(from), value(to), upTo - below));
            below = upTo;
            from = to;
        }
        return bins;
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(type.ordinal());
        out.writeLong(count);
        out.writeLong(nan);
        out.writeLong(trues);
        texts.write(out);
        frequencies.write(out);
        distinctTexts.write(out);
        out.writeBoolean(distinctValues != null);
        if (distinctValues != null) {
            distinctValues.write(out);
        }
        out.writeBoolean(numbers != null);
        if (numbers != null) {
            numbers.write(out);
        }
    }

    static ColumnSummary read(DataInput in) throws IOException {
        ColumnType type = ColumnType.values()[in.readUnsignedByte()];
        long count = in.readLong();
        long nan = in.readLong();
        long trues = in.readLong();
        ColumnSummary summary = new ColumnSummary(TextBounds.read(in), Frequencies.read(in), Distinct.read(in));
        summary.type = type;
        summary.count = count;
        summary.nan = nan;
        summary.trues = trues;
        if (in.readBoolean()) {
            summary.distinctValues = Distinct.read(in);
        }
        if (in.readBoolean()) {
            summary.numbers = NumberSummary.read(in);
        }
        return summary;
    }
}
