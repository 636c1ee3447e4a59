package dev.tidemill.profile.internal.text;

import dev.tidemill.profile.ColumnType;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** The usual text of a value of a declared type. */
public final class TypedText {
    private TypedText() {}

    /** @param value as {@code ColumnVector.Longs} holds it */
    public static String of(ColumnType type, long value) {
        return switch (type) {
            case BOOLEAN -> Boolean.toString(value != 0);
            case DATE -> time(value).toLocalDate().toString();
            case TIMESTAMP -> time(value).toString();
            case NULL, INT64, DOUBLE, STRING -> Long.toString(value);
        };
    }

    /** Microseconds since 1970-01-01T00:00 as a time without a zone. */
    public static LocalDateTime time(long micros) {
        return LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, Times.MICROS_PER_SECOND),
                (int) Math.floorMod(micros, Times.MICROS_PER_SECOND) * 1000,
                ZoneOffset.UTC);
    }
}
