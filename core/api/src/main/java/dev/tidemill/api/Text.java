package dev.tidemill.api;

/**
 * How many bytes a text takes in a resource, and how it is cut to fit. Counted is the longest spelling that a JSON writer on the way
 * may choose: Go's escapes {@code < > &}, Jackson's may escape both halves of a surrogate pair.
 */
final class Text {

    private static final String ELLIPSIS = "…";

    private Text() {}

    /** The bytes of a text inside a JSON string, escapes included. */
    static int jsonBytes(String text) {
        return text.codePoints().map(Text::jsonBytes).sum();
    }

    /** The bytes of a finished JSON document. */
    static int documentBytes(String json) {
        return json.codePoints()
                .map(point -> point == '"' || point == '\\' ? 1 : jsonBytes(point))
                .sum();
    }

    /** The longest beginning of a text that takes at most {@code most} bytes in JSON, with an ellipsis where something is missing. */
    static String cut(String text, int most) {
        var room = most - jsonBytes(ELLIPSIS);
        var bytes = 0;
        var end = 0; // of what fits beside an ellipsis
        for (var next = 0; next < text.length(); ) {
            var point = text.codePointAt(next);
            bytes += jsonBytes(point);
            if (bytes > most) {
                return text.substring(0, end) + ELLIPSIS;
            }
            next += Character.charCount(point);
            if (bytes <= room) {
                end = next;
            }
        }
        return text;
    }

    private static int jsonBytes(int point) {
        return switch (point) {
            case '"', '\\' -> 2;
            case '<', '>', '&', '\u2028', '\u2029' -> 6;
            default -> {
                if (point < 0x20) {
                    yield 6;
                } else if (point < 0x80) {
                    yield 1;
                } else if (point < 0x800) {
                    yield 2;
                }
                yield point < 0x10000 ? 3 : 12;
            }
        };
    }
}
