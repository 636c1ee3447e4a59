package dev.tidemill.local.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.profile.ColumnDrift;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far columns have moved, for people and for programs. */
public final class DriftTable {

    private static final List<String> HEAD = List.of("column", "type", "psi", "ks", "");
    private static final int WIDEST = 24;
    private static final int LEFT = 2;

    private DriftTable() {}

    /** One column of the data a line, each line ending with a newline. */
    public static String of(List<ColumnDrift> columns, double threshold) {
        return Grid.of(
                HEAD,
                columns.stream()
                        .map(column -> List.of(
                                Cells.cut(Cells.value(column.name()), WIDEST),
                                column.type().toString(),
                                Cells.value(column.psi()),
                                Cells.value(column.ks()),
                                column.isBeyond(threshold) ? "drifted" : ""))
                        .toList(),
                LEFT);
    }

    /** The same of columns that were compared elsewhere, which have no types. */
    public static String of(List<ModelStatus.Moved> columns) {
        return Grid.of(
                List.of("column", "psi", "ks", ""),
                columns.stream()
                        .map(column -> List.of(
                                Cells.cut(Cells.value(column.name()), WIDEST),
                                number(column.psi()),
                                number(column.ks()),
                                column.drifted() ? "drifted" : ""))
                        .toList(),
                1);
    }

    private static String number(@Nullable String text) {
        return text == null ? "" : Cells.value(Double.valueOf(text));
    }

    /** {@code {"rows", "reference_rows", "threshold", "columns": [{"name", "type", "psi", "ks", "drifted"}]}}. */
    public static ObjectNode json(long rows, long referenceRows, List<ColumnDrift> columns, double threshold) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("rows", rows).put("reference_rows", referenceRows).put("threshold", threshold);
        var list = json.putArray("columns");
        columns.forEach(column -> list.addObject()
                .put("name", column.name())
                .put("type", column.type().toString())
                .put("psi", column.psi())
                .put("ks", column.ks())
                .put("drifted", column.isBeyond(threshold)));
        return json;
    }
}
