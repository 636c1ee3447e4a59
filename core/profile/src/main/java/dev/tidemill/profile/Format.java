package dev.tidemill.profile;

import dev.tidemill.profile.internal.Content;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a source is written, with the options of that format; what is left open is detected from the first bytes. CSV and JSON Lines may
 * be packed with gzip or zstd, which the first bytes tell too; such a source is read as a whole.
 */
public sealed interface Format {

    /**
     * What the first bytes say it is; never {@link Auto}.
     *
     * @throws FormatException when they say that it cannot be read: packed Parquet, UTF-16, one JSON array
     */
    static Format of(ByteSource source) throws IOException {
        return Content.of(source, new Auto()).format();
    }

    /**
     * Decided by content: magic numbers first, then the look of the first lines. A text is JSON Lines when its first line begins an
     * object, and CSV otherwise; what is no text is {@link Raw}.
     */
    record Auto() implements Format {}

    /**
     * Comma-separated values: RFC 4180 and what people really write. Records end with LF, CRLF or a lone CR, also mixed in one
     * file; a quote opens a quoted field only as its first byte and is data elsewhere; {@code ""} inside is one quote.
     *
     * @param delimiter one ASCII character, or null: the one of {@code , ; tab |} that cuts the first lines most evenly
     * @param quote one ASCII character
     * @param header whether the first record names the columns
     * @param nulls texts that mean "no value", quoted or not; the empty text always does
     * @param ragged what to do with a record that has more or fewer fields than the first
     */
    record Csv(@Nullable Character delimiter, char quote, Header header, List<String> nulls, Ragged ragged)
            implements Format {
        public static final Csv DEFAULT = new Csv(null, '"', Header.AUTO, List.of(), Ragged.FAIL);

        public Csv {
            nulls = List.copyOf(nulls);
            if (delimiter != null
                    && (delimiter > 127 || delimiter == '\n' || delimiter == '\r' || delimiter == quote)) {
                throw new IllegalArgumentException("csv.delimiter must be one ASCII character other than the quote");
            }
            if (quote > 127 || quote == '\n' || quote == '\r') {
                throw new IllegalArgumentException("csv.quote must be one ASCII character");
            }
        }

        public Csv withDelimiter(@Nullable Character delimiter) {
            return new Csv(delimiter, quote, header, nulls, ragged);
        }

        public Csv withHeader(Header header) {
            return new Csv(delimiter, quote, header, nulls, ragged);
        }

        public Csv withRagged(Ragged ragged) {
            return new Csv(delimiter, quote, header, nulls, ragged);
        }
    }

    /** One JSON object a line; the columns are the keys of the objects, nested values are columns of their JSON text. */
    record JsonLines() implements Format {}

    /**
     * Apache Parquet. The field of a struct is a column named by its path, {@code address.zip}; of a list or a map only the length is
     * looked at, in a column {@code tags.length}.
     */
    record Parquet() implements Format {}

    /**
     * NumPy's array files: the first axis counts the rows; the columns are {@code column0}, {@code column1}, …, or the fields of a
     * structured type.
     */
    record Npy() implements Format {}

    /** Bytes that are no table: no rows and no columns, and never an error. */
    record Raw() implements Format {}

    /** Whether the first record names the columns. */
    enum Header {
        /** It does when it does not look like the records below it, or when it holds nothing but texts. */
        AUTO,
        PRESENT,
        ABSENT
    }

    /** What becomes of a record with more or fewer fields than there are columns. */
    enum Ragged {
        /** A {@link FormatException} that names the line. */
        FAIL,
        /** Missing fields are null, surplus ones are dropped. */
        PAD
    }
}
