package dev.tidemill.profile.internal.npy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Python literals that an NPY header consists of: dicts, lists, tuples (both as {@code List}), strings, integers and booleans.
 * Anything else is refused, as {@code ast.literal_eval} would.
 */
final class PythonLiteral {

    private final String text;
    private int at;

    private PythonLiteral(String text) {
        this.text = text;
    }

    /** Throws {@link IllegalArgumentException} with the offset in {@code text}. */
    static Object parse(String text) {
        var parser = new PythonLiteral(text);
        Object value = parser.value();
        parser.space();
        if (parser.at < text.length()) {
            throw parser.unexpected();
        }
        return value;
    }

    private Object value() {
        space();
        char c = peek();
        if (c == '{') {
            return dict();
        }
        if (c == '(') {
            return list(')');
        }
        if (c == '[') {
            return list(']');
        }
        if (c == '\'' || c == '"') {
            return string(c);
        }
        return atom();
    }

    private Map<String, Object> dict() {
        var entries = new LinkedHashMap<String, Object>();
        at++;
        while (!ends('}')) {
            if (!(value() instanceof String key)) {
                throw unexpected();
            }
            space();
            expect(':');
            entries.put(key, value());
            comma('}');
        }
        return entries;
    }

    private List<Object> list(char close) {
        var items = new ArrayList<Object>();
        at++;
        while (!ends(close)) {
            items.add(value());
            comma(close);
        }
        return items;
    }

    private String string(char quote) {
        var string = new StringBuilder();
        for (at++; peek() != quote; at++) {
            if (peek() == '\\') {
                at++;
            }
            string.append(peek());
        }
        at++;
        return string.toString();
    }

    private Object atom() {
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '-')) {
            at++;
        }
        String word = text.substring(start, at);
        if (word.equals("True") || word.equals("False")) {
            return word.equals("True");
        }
        // Python 2 wrote long shapes as 3L
        String digits = word.endsWith("L") ? word.substring(0, word.length() - 1) : word;
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException e) {
            at = start;
            throw unexpected();
        }
    }

    private boolean ends(char close) {
        space();
        if (peek() != close) {
            return false;
        }
        at++;
        return true;
    }

    private void comma(char close) {
        space();
        if (peek() != close) {
            expect(',');
        }
    }

    private void expect(char c) {
        if (peek() != c) {
            throw unexpected();
        }
        at++;
    }

    private char peek() {
        if (at >= text.length()) {
            throw new IllegalArgumentException("it ends at character " + at);
        }
        return text.charAt(at);
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException unexpected() {
        String what = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return new IllegalArgumentException("unexpected " + what + " at character " + at);
    }
}
