package dev.tidemill.profile;

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
    private static final int FLUSH = 1 << 16;
    private static final String HEX = "0123456789abcdef";

    private final OutputStream out;
    private final Form form;
    /** Bytes as chars of ISO 8859-1: numbers get their digits there without an object for each. */
    private final StringBuilder bytes = new StringBuilder(FLUSH + (FLUSH >> 2));

    private int column;
    /** Whether the record has no value yet. */
    private boolean empty = true;

    /** How the values of a record are joined and written. */
    private sealed interface Form {
        record Csv(char delimiter, char quote) implements Form {}

        /** @param keys names of the columns as JSON, with their colons, as chars that are bytes */
        record JsonLines(String[] keys) implements Form {}
    }

    private RecordWriter(OutputStream out, Form form) {
        this.out = out;
        this.form = form;
    }

    /** CSV with LF at the ends of records; quotes only where they are needed. The header is written at once, unless it is absent. */
    public static RecordWriter csv(OutputStream out, List<String> columns, Format.Csv format) throws IOException {
        Character delimiter = format.delimiter();
        RecordWriter writer = new RecordWriter(out, new Form.Csv(delimiter == null ? ',' : delimiter, format.quote()));
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
                out, new Form.JsonLines(columns.stream().map(RecordWriter::key).toArray(String[]::new)));
    }

    private static String key(String name) {
        StringBuilder key = new StringBuilder();
        quote(name.getBytes(StandardCharsets.UTF_8), key);
        return key.append(':').toString();
    }

    /** The value of a column as it was read. */
    public void copy(RecordReader record, int column) {
        write(record.value(column));
    }

    /** A value as it was read, or none. */
    public void write(RecordReader.@Nullable Value value) {
        if (value == null) {
            skip();
        } else if (form instanceof Form.JsonLines && value.bare()) {
            before();
            bytes.append(chars(value.text()));
        } else {
            text(value.text());
        }
    }

    /** The shortest decimal that is this float. */
    public void number(float value) {
        before();
        bytes.append(value);
    }

    public void number(double value) {
        before();
        bytes.append(value);
    }

    public void integer(long value) {
        before();
        bytes.append(value);
    }

    /** All 64 bits as a number. */
    public void unsigned(long value) {
        before();
        bytes.append(Long.toUnsignedString(value));
    }

    public void bool(boolean value) {
        before();
        bytes.append(value);
    }

    public void text(String value) {
        text(value.getBytes(StandardCharsets.UTF_8));
    }

    /** A text in UTF-8. */
    public void text(byte[] value) {
        before();
        switch (form) {
            case Form.Csv csv -> writeCsv(csv, value);
            case Form.JsonLines json -> quote(value, bytes);
        }
    }

    /** No value. */
    public void skip() {
        if (form instanceof Form.Csv csv && column > 0) {
            bytes.append(csv.delimiter);
        }
        column++;
    }

    private void before() {
        switch (form) {
            case Form.Csv csv -> {
                if (column > 0) {
                    bytes.append(csv.delimiter);
                }
            }
            case Form.JsonLines json -> {
                bytes.append(empty ? '{' : ',').append(json.keys[column]);
                empty = false;
            }
        }
        column++;
    }

    /** Ends the record. */
    public void end() throws IOException {
        if (form instanceof Form.JsonLines) {
            bytes.append(empty ? "{}" : "}");
        }
        bytes.append('\n');
        column = 0;
        empty = true;
        if (bytes.length() >= FLUSH) {
            flush();
        }
    }

    private void writeCsv(Form.Csv csv, byte[] value) {
        boolean plain = value.length > 0 && value[0] != csv.quote;
        for (byte b : value) {
            plain &= b != csv.delimiter && b != '\n' && b != '\r';
        }
        if (plain) {
            bytes.append(chars(value));
            return;
        }
        bytes.append(csv.quote);
        for (byte b : value) {
            if (b == csv.quote) {
                bytes.append(csv.quote);
            }
            bytes.append(character(b));
        }
        bytes.append(csv.quote);
    }

    /** As a JSON string. */
    private static void quote(byte[] text, StringBuilder into) {
        into.append('"');
        for (byte b : text) {
            if (b == '"' || b == '\\') {
                into.append('\\').append((char) b);
            } else if (b >= 0 && b < ' ') {
                into.append("\\u00").append(HEX.charAt(b >> 4)).append(HEX.charAt(b & 15));
            } else {
                into.append(character(b));
            }
        }
        into.append('"');
    }

    private static char character(byte b) {
        return (char) (b & 0xFF);
    }

    private static String chars(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void flush() throws IOException {
        out.write(bytes.toString().getBytes(StandardCharsets.ISO_8859_1));
        bytes.setLength(0);
    }

    @Override
    public void close() throws IOException {
        flush();
        out.close();
    }
}
