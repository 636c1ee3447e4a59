package dev.tidemill.store;

import java.util.Comparator;

/**
 * The order in which S3 lists keys: unsigned bytes of their UTF-8. {@link String#compareTo} differs where surrogate pairs
 * (code points above U+FFFF) meet U+E000 to U+FFFF.
 */
public enum KeyOrder implements Comparator<String> {
    UTF8;

    @Override
    public int compare(String a, String b) {
        int n = Math.min(a.length(), b.length());
        for (int i = 0; i < n; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return Character.compare(rank(x), rank(y));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Moves the surrogates behind the rest of the plane, where their code points' UTF-8 sorts. */
    private static char rank(char c) {
        if (c < Character.MIN_SURROGATE) {
            return c;
        }
        return (char) (c <= Character.MAX_SURROGATE ? c + 0x2000 : c - 0x0800);
    }
}
