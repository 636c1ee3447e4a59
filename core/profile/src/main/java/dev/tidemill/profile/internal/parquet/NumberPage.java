package dev.tidemill.profile.internal.parquet;

import dev.tidemill.profile.FormatException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A data page of numbers: one in each row, plain or as indexes into a dictionary. */
final class NumberPage {

    /** An index is read as a whole long: so many bytes can be read behind the last one. */
    static final int SLACK = Long.BYTES;

    /** @param start the page's first byte in the file */
    record Place(String file, String column, long start) {
        FormatException broken(@Nullable String why) {
            return new FormatException(
                    file,
                    -1,
                    start,
                    "the page of column %s that begins here cannot be read (%s); the file is damaged: write or upload it again"
                            .formatted(column, why));
        }
    }

    private final Place place;
    private final ByteBuffer data;
    private final int start;
    private final int end;
    private final int count;
    private final NumberType type;
    private final int width;
    private final float @Nullable [] dictionary;
    private @Nullable NumberPage next;

    /**
     * @param data little-endian, readable some bytes behind the end
     * @param start of the values in it, or of the runs of indexes
     * @param end of the same
     * @param count how many values
     * @param width of an index, in bits
     * @param dictionary null where the values are plain
     */
    NumberPage(
            Place place,
            ByteBuffer data,
            int start,
            int end,
            int count,
            NumberType type,
            int width,
            float @Nullable [] dictionary) {
        this.place = place;
        this.data = data;
        this.start = start;
        this.end = end;
        this.count = count;
        this.type = type;
        this.width = width;
        this.dictionary = dictionary;
    }

    Place place() {
        return place;
    }

    ByteBuffer data() {
        return data;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    int count() {
        return count;
    }

    NumberType type() {
        return type;
    }

    int width() {
        return width;
    }

    float @Nullable [] dictionary() {
        return dictionary;
    }

    /** The column's next page, once it is known. */
    @Nullable
    NumberPage next() {
        return next;
    }

    void follow(NumberPage page) {
        next = page;
    }
}
