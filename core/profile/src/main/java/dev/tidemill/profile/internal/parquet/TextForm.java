package dev.tidemill.profile.internal.parquet;

import dev.tidemill.profile.internal.TextBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.HexFormat;

/** How bytes become a text. */
enum TextForm {
    /** As they are where they are UTF-8, else in hexadecimal digits. */
    BYTES {
        @Override
        void write(byte[] from, int offset, int length, int row, TextBuffer into) {
            if (isUtf8(from, offset, length)) {
                into.add(row, from, offset, length);
            } else {
                into.add(row, HexFormat.of().formatHex(from, offset, offset + length));
            }
        }
    },

    /** {@code 123e4567-e89b-12d3-a456-426614174000} from 16 bytes, big-endian. */
    UUID {
        @Override
        void write(byte[] from, int offset, int length, int row, TextBuffer into) {
            var bits = ByteBuffer.wrap(from, offset, length);
            into.add(row, new java.util.UUID(bits.getLong(), bits.getLong()).toString());
        }
    },

    /** ISO 8601: {@code P1M3DT0.500S} from months, days and milliseconds, each little-endian. */
    INTERVAL {
        @Override
        void write(byte[] from, int offset, int length, int row, TextBuffer into) {
            var parts = ByteBuffer.wrap(from, offset, length).order(ByteOrder.LITTLE_ENDIAN);
            long months = Integer.toUnsignedLong(parts.getInt());
            long days = Integer.toUnsignedLong(parts.getInt());
            long millis = Integer.toUnsignedLong(parts.getInt());
            into.add(row, "P%dM%dDT%d.%03dS".formatted(months, days, millis / 1000, millis % 1000));
        }
    };

    private static final DateTimeFormatter TIME_OF_DAY = new DateTimeFormatterBuilder()
            .appendPattern("HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .toFormatter(java.util.Locale.ROOT);

    abstract void write(byte[] from, int offset, int length, int row, TextBuffer into);

    /** {@code 01:02:03.456}; a value outside of a day as its number. */
    static String timeOfDay(long nanos) {
        return nanos >= 0 && nanos < 86_400_000_000_000L
                ? TIME_OF_DAY.format(LocalTime.ofNanoOfDay(nanos))
                : Long.toString(nanos);
    }

    private static boolean isUtf8(byte[] bytes, int offset, int length) {
        int sign = 0;
        for (int i = offset; i < offset + length; i++) {
            sign |= bytes[i];
        }
        if (sign >= 0) {
            return true;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
