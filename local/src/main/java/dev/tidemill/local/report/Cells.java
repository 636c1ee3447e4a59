package dev.tidemill.local.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Values as short text. Names and values come from other people's files: whatever could steer a terminal is made visible. */
public final class Cells {

    private Cells() {}

    public static String value(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Double number -> number(number);
            default -> text(value.toString());
        };
    }

    /** Six significant digits, as far as they go. */
    static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        return exponent < -5 || exponent > 14
                ? String.format(Locale.ROOT, "%.5e", value).replaceFirst("\\.?0+e", "e")
                : rounded.toPlainString();
    }

    /** Control and format characters (ESC, newlines, bidirectional overrides) as escapes. */
    static String text(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> shown.append(String.format(Locale.ROOT, "\\u%04x", c));
                default -> shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    /** The text in at most {@code width} code points. */
    static String cut(String text, int width) {
        return text.codePointCount(0, text.length()) <= width
                ? text
                : text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
    }

    public static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int step = Math.min(5, (63 - Long.numberOfLeadingZeros(bytes)) / 10);
        return String.format(Locale.ROOT, "%.1f %siB", bytes / (double) (1L << 10 * step), "KMGTP".charAt(step - 1));
    }
}
