package dev.tidemill.profile.internal.text;

/** Well-formed UTF-8 after table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
public final class Utf8 {
    private Utf8() {}

    /** Where {@code bytes[from..to)} first stops to be UTF-8, or {@code to}. A character that the end cuts off is not UTF-8. */
    public static int firstInvalid(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (at + 8 <= to && (Hash.load(bytes, at) & 0x8080808080808080L) == 0) {
                at += 8;
                continue;
            }
            if (bytes[at] >= 0) {
                at++;
                continue;
            }
            int length = length(bytes, at, to);
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return to;
    }

    /** The length of the multi-byte character at {@code at}, or 0 when it is malformed. */
    private static int length(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xFF;
        int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (lead < 0xC2 || lead > 0xF4 || at + length > to) {
            return 0;
        }
        int second = bytes[at + 1] & 0xFF;
        int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < low || second > high) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}
