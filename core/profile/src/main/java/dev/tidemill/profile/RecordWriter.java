package dev.tidemill.profile;

import dev.tidemill.profile.internal.text.FloatText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes records in a textual format: each by one call for every column, in order, and {@link #end}. What it writes, {@link
 * RecordReader} reads back.
 */
public final class RecordWriter implements AutoCloseable {
    private static final int FLUSH = 1 << 16;
    private static final int CAPACITY = FLUSH + (FLUSH >> 2);
    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] CONTROL = ascii("\\u00");

    private final OutputStream out;
    private final Form form;
    /** Numbers get their digits here, without an object for each. */
    private byte[] bytes;

    private int size;
    private final StringBuilder digits = new StringBuilder();

    private int column;
    /** Whether the record has no value yet. */
    private boolean empty = true;

    /** How the values of a record are joined and written. */
    private sealed interface Form {
        record Csv(byte delimiter, byte quote) implements Form {}

        /** @param keys names of the columns as JSON, with their colons */
        record JsonLines(byte[][] keys) implements Form {}
    }

    private RecordWriter(OutputStream out, Form form, int capacity) {
        this.out = out;
        this.form = form;
        this.bytes = new byte[capacity];
    }

    /** CSV with LF at the ends of records; quotes only where they are needed. The header is written at once, unless it is absent. */
    public static RecordWriter csv(OutputStream out, List<String> columns, Format.Csv format) throws IOException {
        Character delimiter = format.delimiter();
        RecordWriter writer = new RecordWriter(
                out,
                new Form.Csv((byte) (delimiter == null ? ',' : delimiter.charValue()), (byte) format.quote()),
                CAPACITY);
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
                out, new Form.JsonLines(columns.stream().map(RecordWriter::key).toArray(byte[][]::new)), CAPACITY);
    }

    private static byte[] key(String name) {
        RecordWriter key = new RecordWriter(OutputStream.nullOutputStream(), new Form.JsonLines(new byte[0][]), 64);
        key.quote(name.getBytes(StandardCharsets.UTF_8));
        key.put(':');
        return Arrays.copyOf(key.bytes, key.size);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
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
            put(value.text());
        } else {
            text(value.text());
        }
    }

    /** The shortest decimal that is this float. */
    public void number(float value) {
        before();
        if (Float.isFinite(value)) {
            reserve(FloatText.MOST);
            size = FloatText.write(value, bytes, size);
        } else {
            digits.append(value);
            putDigits();
        }
    }

    public void number(double value) {
        before();
        digits.append(value);
        putDigits();
    }

    public void integer(long value) {
        before();
        if (value >= 0 && value < 10) {
            // The classes that a model predicts are mostly such.
            put((int) ('0' + value));
        } else {
            digits.append(value);
            putDigits();
        }
    }

    /** All 64 bits as a number. */
    public void unsigned(long value) {
        before();
        digits.append(Long.toUnsignedString(value));
        putDigits();
    }

    public void bool(boolean value) {
        before();
        put(value ? TRUE : FALSE);
    }

    public void text(String value) {
        text(value.getBytes(StandardCharsets.UTF_8));
    }

    /** A text in UTF-8. */
    public void text(byte[] value) {
        before();
        switch (form) {
            case Form.Csv csv -> writeCsv(csv, value);
            case Form.JsonLines json -> quote(value);
        }
    }

    /** No value. */
    public void skip() {
        if (form instanceof Form.Csv csv && column > 0) {
            put(csv.delimiter);
        }
        column++;
    }

    private void before() {
        switch (form) {
            case Form.Csv csv -> {
                if (column > 0) {
                    put(csv.delimiter);
                }
            }
            case Form.JsonLines json -> {
                put(empty ? '{' : ',');
                put(json.keys[column]);
                empty = false;
            }
        }
        column++;
    }

    /** Ends the record. */
    public void end() throws IOException {
        if (form instanceof Form.JsonLines) {
            if (empty) {
                put('{');
            }
            put('}');
        }
        put('\n');
        column = 0;
        empty = true;
        if (size >= FLUSH) {
            flush();
        }
    }

    private void writeCsv(Form.Csv csv, byte[] value) {
        boolean plain = value.length > 0 && value[0] != csv.quote;
        for (byte b : value) {
            plain &= b != csv.delimiter && b != '\n' && b != '\r';
        }
        if (plain) {
            put(value);
            return;
        }
        put(csv.quote);
        for (byte b : value) {
            if (b == csv.quote) {
                put(csv.quote);
            }
            put(b);
        }
        put(csv.quote);
    }

    /** As a JSON string. */
    private void quote(byte[] text) {
        put('"');
        for (byte b : text) {
            if (b == '"' || b == '\\') {
                put('\\');
                put(b);
            } else if (b >= 0 && b < ' ') {
                put(CONTROL);
                put(HEX[b >> 4]);
                put(HEX[b & 15]);
            } else {
                put(b);
            }
        }
        put('"');
    }

    private void put(int b) {
        reserve(1);
        bytes[size++] = (byte) b;
    }

    private void put(byte[] text) {
        reserve(text.length);
        System.arraycopy(text, 0, bytes, size, text.length);
        size += text.length;
    }

    private void putDigits() {
        reserve(digits.length());
        for (int i = 0; i < digits.length(); i++) {
            bytes[size++] = (byte) digits.charAt(i);
        }
        digits.setLength(0);
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(size, more)));
        }
    }

    private void flush() throws IOException {
        out.write(bytes, 0, size);
        size = 0;
    }

    @Override
    public void close() throws IOException {
        flush();
        out.close();
    }
}
