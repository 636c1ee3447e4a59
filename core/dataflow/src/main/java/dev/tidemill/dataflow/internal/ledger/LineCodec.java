package dev.tidemill.dataflow.internal.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How one kind of entry is written as a line of a segment: the elements of a JSON array. */
public interface LineCodec<T> {

    /** What the segment's first line says it holds. */
    String type();

    /** What decides whether a segment ends behind the entry. */
    String cutKey(T entry);

    /** Summed up per segment, so that totals need no reading. */
    long weight(T entry);

    void write(T entry, JsonGenerator to) throws IOException;

    T read(JsonParser from) throws IOException;

    /** The next element, which must be a string. */
    static String text(JsonParser from) throws IOException {
        String text = from.nextTextValue();
        if (text == null) {
            throw new IOException("expected a string, found " + from.currentToken());
        }
        return text;
    }

    /** The next element, a string or null. */
    static @Nullable String optionalText(JsonParser from) throws IOException {
        JsonToken token = from.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token != JsonToken.VALUE_STRING) {
            throw new IOException("expected a string or null, found " + token);
        }
        return from.getText();
    }

    /** The next element, which must be a whole number. */
    static long number(JsonParser from) throws IOException {
        if (from.nextToken() != JsonToken.VALUE_NUMBER_INT) {
            throw new IOException("expected a whole number, found " + from.currentToken());
        }
        return from.getLongValue();
    }

    /** Whether another array starts here, as the next element of an array of arrays. */
    static boolean nextArray(JsonParser from) throws IOException {
        return from.nextToken() == JsonToken.START_ARRAY;
    }

    /** The end of the current array. */
    static void end(JsonParser from) throws IOException {
        if (from.nextToken() != JsonToken.END_ARRAY) {
            throw new IOException("expected the end of the entry, found " + from.currentToken());
        }
    }
}
