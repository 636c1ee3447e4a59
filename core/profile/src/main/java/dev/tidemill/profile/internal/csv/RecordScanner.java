package dev.tidemill.profile.internal.csv;

/**
 * Where records end: the grammar in its plainest form. A quote opens a quoted field only as its first byte; inside, two quotes are
 * one; behind the closing quote the field goes on as an unquoted one ({@code "a"b} is {@code ab}). LF, CRLF and a lone CR end a record.
 */
final class RecordScanner {
    /** The record is not complete in these bytes. */
    static final int INCOMPLETE = -1;

    /** Where in a record a position lies. */
    enum State {
        /** At the first byte of a field. */
        FIELD_START,
        /** In an unquoted field, or behind a closing quote. */
        UNQUOTED,
        /** Between the quotes. */
        QUOTED,
        /** Behind a quote inside quotes: it closes the field unless another one follows. */
        QUOTE_IN_QUOTED
    }

    private final byte delimiter;
    private final byte quote;
    private int opened = -1;

    RecordScanner(Dialect dialect) {
        this(dialect.delimiter(), dialect.quote());
    }

    RecordScanner(byte delimiter, byte quote) {
        this.delimiter = delimiter;
        this.quote = quote;
    }

    /**
     * The position behind the record, its line end included.
     *
     * @param last whether nothing comes behind {@code to}, so that the end of the bytes ends the record
     * @return {@link #INCOMPLETE} when more bytes are needed, or when {@code last} and a quote is open ({@link #opened})
     */
    int end(byte[] bytes, int at, int to, State state, boolean last) {
        opened = -1;
        while (at < to) {
            byte b = bytes[at];
            switch (state) {
                case FIELD_START -> {
                    state = State.UNQUOTED;
                    if (b == quote) {
                        opened = at++;
                        state = State.QUOTED;
                    }
                }
                case UNQUOTED -> {
                    at++;
                    if (b == '\n') {
                        return at;
                    }
                    if (b == '\r') {
                        if (at < to) {
                            return bytes[at] == '\n' ? at + 1 : at;
                        }
                        return last ? at : INCOMPLETE;
                    }
                    state = b == delimiter ? State.FIELD_START : State.UNQUOTED;
                }
                case QUOTED -> {
                    at++;
                    state = b == quote ? State.QUOTE_IN_QUOTED : State.QUOTED;
                }
                case QUOTE_IN_QUOTED -> {
                    if (b == quote) {
                        at++;
                        state = State.QUOTED;
                    } else {
                        state = State.UNQUOTED;
                    }
                }
            }
        }
        return last && state != State.QUOTED ? to : INCOMPLETE;
    }

    /** After {@link #end} found an open quote at the end of everything: where the quote was opened, or -1 if before the start. */
    int opened() {
        return opened;
    }
}
