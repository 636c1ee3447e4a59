package dev.tidemill.profile;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes records in a textual format: each by one call for every column, in order, and {@link #end}. What it writes, {@link
 * RecordReader} reads back.
 */
public final class RecordWriter implements AutoCloseable {
    private final OutputStream out;
    private final Form form;
    private int column;

    /** How the values of a record are joined and written. */
    private sealed interface Form {
        record Csv(byte delimiter, byte quote, int columns) implements Form {}

        record JsonLines(List<byte[]> keys) implements Form {}
    }

    private RecordWriter(OutputStream out, Form form) {
        this.out = new BufferedOutputStream(out, 1 << 16);
        this.form = form;
    }

    /** CSV with LF at the ends of records; quotes only where they are needed. The header is written at once, unless it is absent. */
    public static RecordWriter csv(OutputStream out, List<String> columns, Format.Csv format) throws IOException {
        Character delimiter = format.delimiter();
        RecordWriter writer = new RecordWriter(
                out,
                new Form.Csv(
                        delimiter == null ? (byte) ',' : (byte) (char) delimiter,
                        (byte) format.quote(),
                        columns.size()));
        if (format.header() != Format.Header.ABSENT) {
            for (String name : columns) {
                writer.text(name);
            }
            writer.end();
        }
        return writer;
    }

    /** One JSON object a line; a value that is not there is left out. */
    public static RecordWriter jsonLines(OutputStream out, List<String> columns) {
        return new RecordWriter(
                out,
                new Form.JsonLines(columns.stream()
                        .map(name -> ("\""
                                        + new String(
                                                escaped(name.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8)
                                        + "\":")
                                .getBytes(StandardCharsets.UTF_8))
                        .toList()));
    }

    /** The value of a column as it was read. */
    public void copy(RecordReader record, int column) throws IOException {
        write(record.value(column));
    }

    /** A value as it was read, or none. */
    public void write(RecordReader.@Nullable Value value) throws IOException {
        if (value == null) {
            skip();
        } else if (form instanceof Form.JsonLines && value.bare()) {
            before();
            out.write(value.text());
        } else {
            text(value.text());
        }
    }

    /** The shortest decimal that is this float. */
    public void number(float value) throws IOException {
        bare(Float.toString(value));
    }

    public void bool(boolean value) throws IOException {
        bare(Boolean.toString(value));
    }

    /** All 64 bits as a number. */
    public void unsigned(long value) throws IOException {
        bare(Long.toUnsignedString(value));
    }

    public void number(double value) throws IOException {
        bare(Double.toString(value));
    }

    public void integer(long value) throws IOException {
        bare(Long.toString(value));
    }

    public void text(String value) throws IOException {
        text(value.getBytes(StandardCharsets.UTF_8));
    }

    /** No value. */
    public void skip() throws IOException {
        if (form instanceof Form.Csv csv && column > 0) {
            out.write(csv.delimiter);
        }
        column++;
    }

    private void bare(String value) throws IOException {
        before();
        out.write(value.getBytes(StandardCharsets.UTF_8));
    }

    /** A text in UTF-8. */
    public void text(byte[] value) throws IOException {
        before();
        switch (form) {
            case Form.Csv csv -> writeCsv(csv, value);
            case Form.JsonLines json -> {
                out.write('"');
                out.write(escaped(value));
                out.write('"');
            }
        }
    }

    private boolean first = true;

    private void before() throws IOException {
        switch (form) {
            case Form.Csv csv -> {
                if (column > 0) {
                    out.write(csv.delimiter);
                }
            }
            case Form.JsonLines json -> {
                out.write(first ? '{' : ',');
                out.write(json.keys.get(column));
                first = false;
            }
        }
        column++;
    }

    /** Ends the record. */
    public void end() throws IOException {
        if (form instanceof Form.JsonLines) {
            out.write(first ? "{}\n".getBytes(StandardCharsets.US_ASCII) : "}\n".getBytes(StandardCharsets.US_ASCII));
        } else {
            out.write('\n');
        }
        column = 0;
        first = true;
    }

    private void writeCsv(Form.Csv csv, byte[] value) throws IOException {
        boolean plain = value.length > 0 && value[0] != csv.quote;
        for (byte b : value) {
            plain &= b != csv.delimiter && b != '\n' && b != '\r';
        }
        if (plain) {
            out.write(value);
            return;
        }
        out.write(csv.quote);
        for (byte b : value) {
            if (b == csv.quote) {
                out.write(b);
            }
            out.write(b);
        }
        out.write(csv.quote);
    }

    private static byte[] escaped(byte[] text) {
        var escaped = new java.io.ByteArrayOutputStream(text.length + 16);
        for (byte b : text) {
            if (b == '"' || b == '\\') {
                escaped.write('\\');
                escaped.write(b);
            } else if (b >= 0 && b < ' ') {
                escaped.writeBytes("\\u%04x".formatted((int) b).getBytes(StandardCharsets.US_ASCII));
            } else {
                escaped.write(b);
            }
        }
        return escaped.toByteArray();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
