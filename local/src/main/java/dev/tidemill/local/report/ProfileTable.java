package dev.tidemill.local.report;

import dev.tidemill.profile.ColumnProfile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A profile as lines of text, one column of the data a line. */
public final class ProfileTable {

    private static final int WIDEST = 24;

    private static final List<String> HEAD = List.of(
            "column", "type", "count", "nulls", "distinct", "min", "p25", "p50", "p75", "max", "mean", "stddev");

    /** Columns of text stand left, numbers right. */
    private static final int LEFT = 2;

    private ProfileTable() {}

    /**
     * The table, each line ending with a newline.
     *
     * @param most how many columns to show; the rest is counted
     */
    public static String of(List<ColumnProfile> columns, int most) {
        List<List<String>> lines = new ArrayList<>();
        columns.stream().limit(most).map(ProfileTable::line).forEach(lines::add);
        StringBuilder table = new StringBuilder(Grid.of(HEAD, lines, LEFT));
        if (columns.size() > most) {
            table.append("… and ").append(columns.size() - most).append(" more columns\n");
        }
        return table.toString();
    }

    private static List<String> line(ColumnProfile column) {
        return List.of(
                cell(column.name()),
                column.type().toString(),
                Long.toString(column.count()),
                Long.toString(column.nulls()),
                Long.toString(column.distinct()),
                cell(column.min()),
                cell(column.p25()),
                cell(column.p50()),
                cell(column.p75()),
                cell(column.max()),
                cell(column.mean()),
                cell(column.stddev()));
    }

    private static String cell(@Nullable Object value) {
        return Cells.cut(Cells.value(value), WIDEST);
    }
}
