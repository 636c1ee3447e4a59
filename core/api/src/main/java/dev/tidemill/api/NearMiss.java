package dev.tidemill.api;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody may have meant: the candidate with the fewest letters inserted, left out, changed or swapped. */
final class NearMiss {

    private NearMiss() {}

    /** {@code , did you mean "prefix"?}, or nothing when no candidate is near. */
    static String hint(String given, Collection<String> candidates) {
        return nearest(given, candidates)
                .map(candidate -> ", did you mean \"" + candidate + "\"?")
                .orElse("");
    }

    static Optional<String> nearest(String given, Collection<String> candidates) {
        var lower = given.toLowerCase(Locale.ROOT);
        var most = Math.max(1, given.length() / 3);
        return candidates.stream()
                .filter(candidate -> distance(lower, candidate.toLowerCase(Locale.ROOT)) <= most)
                .min(Comparator.comparingInt(candidate -> distance(lower, candidate.toLowerCase(Locale.ROOT))));
    }

    /** The optimal string alignment distance. */
    static int distance(String a, String b) {
        var d = new int[a.length() + 1][b.length() + 1];
        for (var i = 0; i <= a.length(); i++) {
            for (var j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                var change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
