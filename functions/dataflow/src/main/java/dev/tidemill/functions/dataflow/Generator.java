package dev.tidemill.functions.dataflow;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.tidemill.api.DatasetSpec.Column;
import dev.tidemill.api.DatasetSpec.Generate;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Makes data up. The bytes of an object depend on the declaration and the object's index alone, on any machine and any JDK, and
 * a column's values do not change when another column is added: each has a stream of its own.
 */
final class Generator {

    /** How the rows are written. */
    enum Form {
        CSV("text/csv"),
        // Not application/jsonl: Funqy takes whatever begins with application/json for JSON.
        JSON_LINES("application/x-ndjson");

        final String contentType;

        Form(String contentType) {
            this.contentType = contentType;
        }
    }

    /** Thrown when an object would not fit into a reply. */
    static final class TooLarge extends RuntimeException {
        TooLarge(String message) {
            super(message);
        }
    }

    /** The largest reply that becomes an object: DESIGN's 32 MiB. */
    static final int LARGEST = 32 << 20;

    private final Generate spec;
    private final Form form;

    Generator(Generate spec, Form form) {
        this.spec = spec;
        this.form = form;
    }

    /**
     * One object.
     *
     * @param index counted from 0, below {@code spec.objects()}
     * @throws TooLarge beyond {@value #LARGEST} bytes, with the number of objects that would do
     */
    byte[] object(int index) {
        long first = firstRow(index);
        long end = firstRow(index + 1);
        List<Values> columns = spec.columns().stream()
                .map(column -> Values.of(column, spec.seed(), index, first))
                .toList();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder line = new StringBuilder();
        if (form == Form.CSV) {
            csv(line, spec.columns().stream().map(Column::name).toList());
            out.writeBytes(line.toString().getBytes(StandardCharsets.UTF_8));
        }
        List<String> keys =
                spec.columns().stream().map(column -> quoted(column.name())).toList();
        for (long row = first; row < end; row++) {
            line.setLength(0);
            switch (form) {
                case CSV ->
                    csv(
                            line,
                            columns.stream()
                                    .map(column -> Objects.requireNonNullElse(
                                            column.next().text(), ""))
                                    .toList());
                case JSON_LINES -> json(line, keys, columns);
            }
            out.writeBytes(line.toString().getBytes(StandardCharsets.UTF_8));
            if (out.size() > LARGEST) {
                throw tooLarge(row - first + 1, end - first);
            }
        }
        return out.toByteArray();
    }

    /** Rows are spread evenly; the product of the most rows and the most objects that a spec may ask for is 10^18 and fits. */
    private long firstRow(int index) {
        return spec.rows() * index / spec.objects();
    }

    private TooLarge tooLarge(long fitting, long rows) {
        long objects = Math.ceilDiv(spec.objects() * rows, Math.max(1, fitting - fitting / 16));
        return new TooLarge("%d rows of one object are more than 32 MiB: set generate.objects to %d or more"
                .formatted(rows, objects));
    }

    private static void csv(StringBuilder line, List<String> fields) {
        if (fields.size() == 1 && fields.getFirst().isEmpty()) {
            line.append("\"\""); // A blank line would be no record at all.
        } else {
            for (int i = 0; i < fields.size(); i++) {
                if (i > 0) {
                    line.append(',');
                }
                field(line, fields.get(i));
            }
        }
        line.append('\n');
    }

    private static void field(StringBuilder line, String text) {
        if (text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')) {
            line.append('"').append(text.replace("\"", "\"\"")).append('"');
        } else {
            line.append(text);
        }
    }

    private static void json(StringBuilder line, List<String> keys, List<Values> columns) {
        for (int i = 0; i < keys.size(); i++) {
            line.append(i == 0 ? '{' : ',').append(keys.get(i)).append(':');
            line.append(
                    switch (columns.get(i).next()) {
                        case Values.Value(String text, boolean number)
                        when text != null -> number ? text : quoted(text);
                        case Values.Value _ -> "null";
                    });
        }
        line.append("}\n");
    }

    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
