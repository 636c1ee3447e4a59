package dev.tidemill.profile.internal;

import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.ColumnProfile.Bin;
import dev.tidemill.profile.ColumnProfile.Frequent;
import dev.tidemill.profile.ColumnProfile.Lengths;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The JSON form of a profile: numbers as numbers, what JSON has no number for as a string, times in ISO 8601. */
public final class ProfileJson {
    private final StringBuilder out = new StringBuilder();

    private ProfileJson() {}

    public static String write(long rows, List<ColumnProfile> columns) {
        ProfileJson json = new ProfileJson();
        json.out.append("{\"rows\":").append(rows).append(",\"columns\":");
        json.array(columns, json::column);
        return json.out.append('}').toString();
    }

    private void column(ColumnProfile column) {
        out.append("{\"name\":");
        string(column.name());
        field("type", column.type().toString());
        field("count", column.count());
        field("nulls", column.nulls());
        field("nan", column.nan());
        field("min", column.min());
        field("max", column.max());
        field("mean", column.mean());
        field("stddev", column.stddev());
        field("p25", column.p25());
        field("p50", column.p50());
        field("p75", column.p75());
        field("distinct", column.distinct());
        key("top");
        array(column.top(), this::frequent);
        Lengths lengths = column.lengths();
        if (lengths != null) {
            key("lengths");
            out.append("{\"min\":").append(lengths.min());
            field("max", lengths.max());
            field("mean", lengths.mean());
            out.append('}');
        }
        if (!column.histogram().isEmpty()) {
            key("histogram");
            array(column.histogram(), this::bin);
        }
        out.append('}');
    }

    private void frequent(Frequent frequent) {
        out.append("{\"value\":");
        string(frequent.value());
        field("count", frequent.count());
        out.append('}');
    }

    private void bin(Bin bin) {
        out.append("{\"from\":");
        value(bin.from());
        field("to", bin.to());
        field("count", bin.count());
        out.append('}');
    }

    private <T> void array(List<T> items, Consumer<T> each) {
        out.append('[');
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            each.accept(items.get(i));
        }
        out.append(']');
    }

    private void key(String key) {
        out.append(",\"").append(key).append("\":");
    }

    private void field(String key, @Nullable Object value) {
        key(key);
        value(value);
    }

    private void value(@Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Double number -> real(number);
            case Number number -> out.append(number);
            case Boolean truth -> out.append(truth);
            case LocalDate date -> string(date.toString());
            case LocalDateTime time -> string(DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time));
            default -> string(value.toString());
        }
    }

    private void real(double number) {
        if (Double.isFinite(number)) {
            out.append(number);
        } else {
            string(Double.toString(number));
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c == '\u2028' || c == '\u2029' || c == '<') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
