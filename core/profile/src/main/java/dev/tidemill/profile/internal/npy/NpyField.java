package dev.tidemill.profile.internal.npy;

import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.TextBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One scalar in each row of an array.
 *
 * @param name the column's name: the field's of a structured type, else the index
 * @param kind what the bytes mean
 * @param offset bytes from the start of the row
 * @param size bytes of one value
 * @param unit what a {@link Kind#DATETIME} counts from 1970-01-01, null for all others
 */
public record NpyField(
        String name,
        Kind kind,
        int offset,
        int size,
        ByteOrder order,
        @Nullable TimeUnit unit) {

    private static final long NOT_A_TIME = Long.MIN_VALUE;

    /** What numpy's type characters stand for (numpy.lib.format, "Format Specification"). */
    public enum Kind {
        BOOLEAN,
        SIGNED,
        UNSIGNED,
        FLOAT,
        BYTES,
        UNICODE,
        DATETIME
    }

    /** Parses a simple type string as {@code <f8}; an {@link IllegalArgumentException} says what is not supported. */
    static NpyField of(String name, String type, int offset) {
        if (type.length() < 2) {
            throw new IllegalArgumentException("type '" + type + "' is not one of numpy's");
        }
        ByteOrder order = switch (type.charAt(0)) {
            case '>' -> ByteOrder.BIG_ENDIAN;
            case '<', '|', '=' -> ByteOrder.LITTLE_ENDIAN;
            default -> throw new IllegalArgumentException("type '" + type + "' names no byte order");
        };
        char code = type.charAt(1);
        if (code == 'M') {
            return new NpyField(name, Kind.DATETIME, offset, 8, order, unit(type));
        }
        if (code == 'O') {
            throw new IllegalArgumentException("type '" + type + "' is a pickled Python object");
        }
        int count = count(type);
        return switch (code) {
            case 'b' -> scalar(name, type, Kind.BOOLEAN, offset, count, order, 0b10);
            case 'i' -> scalar(name, type, Kind.SIGNED, offset, count, order, 0b1_0001_0110);
            case 'u' -> scalar(name, type, Kind.UNSIGNED, offset, count, order, 0b1_0001_0110);
            case 'f' -> scalar(name, type, Kind.FLOAT, offset, count, order, 0b1_0001_0100);
            case 'S', 'a' -> new NpyField(name, Kind.BYTES, offset, count, order, null);
            case 'U' -> new NpyField(name, Kind.UNICODE, offset, Math.multiplyExact(4, count), order, null);
            default ->
                throw new IllegalArgumentException("type '" + type + "' is not a number, boolean, string or time");
        };
    }

    /**
     * The values of {@code rows} rows, the first at {@code bytes[start]}, {@code stride} bytes apart.
     *
     * <p>NumPy has no nulls: a NaN stays a NaN; only NaT, its time that is none, is one.
     */
    ColumnVector read(ByteBuffer bytes, int start, int stride, int rows) {
        bytes.order(order);
        return switch (kind) {
            case BOOLEAN, SIGNED -> longs(bytes, start, stride, rows);
            case UNSIGNED -> size < 8 ? longs(bytes, start, stride, rows) : unsigned(bytes, start, stride, rows);
            case FLOAT -> doubles(bytes, start, stride, rows);
            case DATETIME -> times(bytes, start, stride, rows);
            case BYTES, UNICODE -> texts(bytes, start, stride, rows);
        };
    }

    private ColumnVector longs(ByteBuffer bytes, int start, int stride, int rows) {
        var values = new long[rows];
        for (int i = 0, at = start; i < rows; i++, at += stride) {
            values[i] = integer(bytes, at);
        }
        return new ColumnVector.Longs(kind == Kind.BOOLEAN ? ColumnType.BOOLEAN : ColumnType.INT64, values, null);
    }

    private long integer(ByteBuffer bytes, int at) {
        long value = switch (size) {
            case 1 -> bytes.get(at);
            case 2 -> bytes.getShort(at);
            case 4 -> bytes.getInt(at);
            default -> bytes.getLong(at);
        };
        return switch (kind) {
            case BOOLEAN -> value == 0 ? 0 : 1;
            case UNSIGNED -> size == 8 ? value : value & (1L << 8 * size) - 1;
            default -> value;
        };
    }

    /** A block with a value above 2^63 - 1 becomes doubles. */
    private ColumnVector unsigned(ByteBuffer bytes, int start, int stride, int rows) {
        var longs = new long[rows];
        var doubles = new double[rows];
        boolean large = false;
        for (int i = 0, at = start; i < rows; i++, at += stride) {
            long value = bytes.getLong(at);
            longs[i] = value;
            large |= value < 0;
            // halved with the lost bit kept, so that the sum rounds as the value would
            doubles[i] = value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
        }
        return large ? new ColumnVector.Doubles(doubles, null) : new ColumnVector.Longs(ColumnType.INT64, longs, null);
    }

    private ColumnVector doubles(ByteBuffer bytes, int start, int stride, int rows) {
        var values = new double[rows];
        for (int i = 0, at = start; i < rows; i++, at += stride) {
            values[i] = switch (size) {
                case 2 -> Float.float16ToFloat(bytes.getShort(at));
                case 4 -> bytes.getFloat(at);
                default -> bytes.getDouble(at);
            };
        }
        return new ColumnVector.Doubles(values, null);
    }

    private ColumnVector times(ByteBuffer bytes, int start, int stride, int rows) {
        var values = new long[rows];
        var nulls = new boolean[rows];
        for (int i = 0, at = start; i < rows; i++, at += stride) {
            long value = bytes.getLong(at);
            nulls[i] = value == NOT_A_TIME;
            values[i] = nulls[i] ? 0 : micros(value);
        }
        return new ColumnVector.Longs(unit == TimeUnit.DAYS ? ColumnType.DATE : ColumnType.TIMESTAMP, values, nulls);
    }

    private long micros(long value) {
        // towards the past, also before 1970
        return unit == TimeUnit.NANOSECONDS
                ? Math.floorDiv(value, 1_000L)
                : Objects.requireNonNull(unit).toMicros(value);
    }

    /** Fixed-width texts end at their padding of zeros; numpy's unicode is one code point in four bytes. */
    private ColumnVector texts(ByteBuffer bytes, int start, int stride, int rows) {
        var texts = new TextBuffer(rows, rows * size);
        var points = new int[size / 4];
        for (int i = 0, at = start; i < rows; i++, at += stride) {
            if (kind == Kind.BYTES) {
                int length = size;
                while (length > 0 && bytes.get(at + length - 1) == 0) {
                    length--;
                }
                texts.add(i, bytes.array(), at, length);
            } else {
                int length = 0;
                for (int point = 0; point < points.length; point++) {
                    points[point] = bytes.getInt(at + 4 * point);
                    length = points[point] == 0 ? length : point + 1;
                }
                texts.add(i, new String(points, 0, length));
            }
        }
        return texts.vector();
    }

    private static NpyField scalar(
            String name, String type, Kind kind, int offset, int size, ByteOrder order, int allowedSizes) {
        if (size > 8 || (allowedSizes >> size & 1) == 0) {
            throw new IllegalArgumentException("type '" + type + "' has a width that is not supported");
        }
        return new NpyField(name, kind, offset, size, order, null);
    }

    private static int count(String type) {
        try {
            return Integer.parseUnsignedInt(type.substring(2));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("type '" + type + "' has no width", e);
        }
    }

    private static TimeUnit unit(String type) {
        int open = type.indexOf('[');
        String unit = open < 0 ? "" : type.substring(open + 1, type.length() - 1);
        return switch (unit) {
            case "ns" -> TimeUnit.NANOSECONDS;
            case "us" -> TimeUnit.MICROSECONDS;
            case "ms" -> TimeUnit.MILLISECONDS;
            case "s" -> TimeUnit.SECONDS;
            case "m" -> TimeUnit.MINUTES;
            case "h" -> TimeUnit.HOURS;
            case "D" -> TimeUnit.DAYS;
            default ->
                throw new IllegalArgumentException("type '" + type + "' counts a time unit that is not supported");
        };
    }
}
