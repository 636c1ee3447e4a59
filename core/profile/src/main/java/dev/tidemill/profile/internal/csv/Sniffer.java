package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.ColumnNames;
import dev.tidemill.profile.internal.ColumnVector.Inference;
import dev.tidemill.profile.internal.Lines;
import dev.tidemill.profile.internal.csv.RecordScanner.State;
import dev.tidemill.profile.internal.text.TextValue;
import dev.tidemill.profile.internal.text.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Settles what the options leave open by looking at the first records. */
public final class Sniffer {
    private static final int SAMPLE_RECORDS = 1000;
    private static final int FIRST_LOOK = 1 << 18;
    private static final int LONGEST_HEADER = 1 << 28;
    private static final byte[] DELIMITERS = {',', ';', '\t', '|'};

    private final ByteSource source;
    private final Format.Csv format;
    private byte[] head = new byte[0];
    private int size;
    private boolean whole;

    private Sniffer(ByteSource source, Format.Csv format) {
        this.source = source;
        this.format = format;
    }

    /** Reads the head of the source. An empty source has no columns. */
    public static Dialect sniff(ByteSource source, Format.Csv format) throws IOException {
        return new Sniffer(source, format).sniff();
    }

    private Dialect sniff() throws IOException {
        byte quote = (byte) format.quote();
        byte delimiter;
        List<List<byte[]>> records;
        int length = FIRST_LOOK;
        do {
            read(length);
            delimiter = format.delimiter() == null ? delimiter(quote) : (byte) (char) format.delimiter();
            records = records(delimiter, quote);
            length *= 4;
        } while (records.isEmpty() && !whole && length <= LONGEST_HEADER);
        if (records.isEmpty()) {
            int start = firstRecord();
            if (start < size) {
                throw Lines.error(
                        source,
                        start,
                        whole
                                ? "quote opened here is never closed; close it, or set the quote character that the file uses"
                                : "the first record is longer than 256 MiB; is this a CSV file?");
            }
            return new Dialect(delimiter, quote, false, List.of(), start, size, nulls(), format.ragged());
        }
        boolean header = switch (format.header()) {
            case PRESENT -> true;
            case ABSENT -> false;
            case AUTO -> looksLikeHeader(records);
        };
        int start = firstRecord();
        int end = new RecordScanner(delimiter, quote).end(head, start, size, State.FIELD_START, whole);
        return new Dialect(
                delimiter,
                quote,
                header,
                header
                        ? names(records.getFirst(), start)
                        : numbered(records.getFirst().size()),
                start,
                header ? end : start,
                nulls(),
                format.ragged());
    }

    private List<byte[]> nulls() {
        return format.nulls().stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .filter(bytes -> bytes.length > 0)
                .toList();
    }

    private void read(int length) throws IOException {
        try (InputStream in = source.open(0)) {
            byte[] bytes = in.readNBytes(length);
            whole = bytes.length < length;
            size = bytes.length;
            head = Arrays.copyOf(bytes, size + Batch.SLACK);
        }
    }

    /** Behind the byte order mark and empty lines. */
    private int firstRecord() {
        int at = size >= 3 && head[0] == (byte) 0xEF && head[1] == (byte) 0xBB && head[2] == (byte) 0xBF ? 3 : 0;
        while (at < size && (head[at] == '\n' || head[at] == '\r')) {
            at++;
        }
        return at;
    }

    /**
     * The delimiter that gives most of the first records the same number of fields, at least two; among equals the one that cuts more
     * fields, then the order in which they are listed.
     */
    private byte delimiter(byte quote) {
        byte best = DELIMITERS[0];
        double bestScore = 0;
        for (byte candidate : DELIMITERS) {
            if (candidate == quote) {
                continue;
            }
            List<List<byte[]>> records = records(candidate, quote);
            if (records.isEmpty() || records.getFirst().size() < 2) {
                continue;
            }
            int fields = records.getFirst().size();
            long same = records.stream().filter(r -> r.size() == fields).count();
            double score = (double) same / records.size() + 1e-6 * Math.min(fields, 1000);
            if (score > bestScore) {
                bestScore = score;
                best = candidate;
            }
        }
        return best;
    }

    /** The first complete records, without empty lines. */
    private List<List<byte[]>> records(byte delimiter, byte quote) {
        RecordScanner scanner = new RecordScanner(delimiter, quote);
        List<List<byte[]>> records = new ArrayList<>();
        int at = firstRecord();
        while (at < size && records.size() < SAMPLE_RECORDS) {
            int end = scanner.end(head, at, size, State.FIELD_START, whole);
            if (end == RecordScanner.INCOMPLETE) {
                break;
            }
            List<byte[]> fields = Fields.split(head, at, end, delimiter, quote);
            if (fields.size() > 1 || fields.getFirst().length > 0) {
                records.add(fields);
            }
            at = end;
        }
        return records;
    }

    /**
     * A first record names the columns when it holds nothing but texts, or when some column below it has a type that its own field does
     * not fit. Empty fields say nothing: the first name of a table that was written with its index is empty.
     */
    private static boolean looksLikeHeader(List<List<byte[]>> records) {
        List<byte[]> first = records.getFirst();
        boolean texts = false;
        boolean others = false;
        boolean differs = false;
        for (int i = 0; i < first.size(); i++) {
            ColumnType above = first.get(i).length == 0 ? ColumnType.NULL : type(first.get(i));
            ColumnType below = ColumnType.NULL;
            for (List<byte[]> record : records.subList(1, records.size())) {
                if (i < record.size() && record.get(i).length > 0) {
                    below = below.widen(type(record.get(i)));
                }
            }
            boolean typed = below != ColumnType.STRING && below != ColumnType.NULL;
            texts |= above == ColumnType.STRING;
            others |= above != ColumnType.STRING && above != ColumnType.NULL;
            differs |= typed && below.widen(above) == ColumnType.STRING;
        }
        return differs || (texts && !others);
    }

    private static ColumnType type(byte[] text) {
        return new TextValue().read(Arrays.copyOf(text, text.length + Batch.SLACK), 0, text.length, Inference.ALL);
    }

    private List<String> names(List<byte[]> fields, int start) throws IOException {
        List<String> names = new ArrayList<>();
        for (byte[] field : fields) {
            if (Utf8.firstInvalid(field, 0, field.length) < field.length) {
                throw Lines.error(source, start, "the header is not UTF-8; convert the file to UTF-8");
            }
            names.add(new String(field, StandardCharsets.UTF_8).strip());
        }
        return ColumnNames.unique(names);
    }

    private static List<String> numbered(int n) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            names.add("column" + i);
        }
        return names;
    }
}
