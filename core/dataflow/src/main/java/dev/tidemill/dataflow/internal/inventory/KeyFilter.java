package dev.tidemill.dataflow.internal.inventory;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which keys under a prefix belong to the Dataset: {@code include} and {@code exclude} globs relative to the prefix, in which
 * {@code **}{@code /} also matches no folder at all. Folder markers and Tidemill's own records never belong.
 */
public final class KeyFilter {

    private static final String OWN = "_tidemill/";

    private final int prefixLength;
    private final List<Pattern> include;
    private final List<Pattern> exclude;

    public KeyFilter(String prefix, List<String> include, List<String> exclude) {
        prefixLength = prefix.length();
        this.include = include.stream().map(KeyFilter::pattern).toList();
        this.exclude = exclude.stream().map(KeyFilter::pattern).toList();
    }

    /** Whether this key says that another Dataset manages the folder it is in. */
    public boolean marksManagedFolder(String key) {
        String name = key.substring(prefixLength);
        return name.equals(OWN + "owner.json") || name.endsWith("/" + OWN + "owner.json");
    }

    public boolean accepts(String key) {
        String name = key.substring(prefixLength);
        if (name.isEmpty() || name.endsWith("/") || name.startsWith(OWN) || name.contains("/" + OWN)) {
            return false;
        }
        return (include.isEmpty() || matches(include, name)) && !matches(exclude, name);
    }

    private static boolean matches(List<Pattern> patterns, String name) {
        for (Pattern pattern : patterns) {
            if (pattern.matcher(name).matches()) {
                return true;
            }
        }
        return false;
    }

    private static Pattern pattern(String glob) {
        StringBuilder regex = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> {
                    if (!glob.startsWith("**", i)) {
                        regex.append("[^/]*");
                    } else if (glob.startsWith("**/", i)) {
                        regex.append("(?:.*/)?");
                        i += 2;
                    } else {
                        regex.append(".*");
                        i++;
                    }
                }
                case '?' -> regex.append("[^/]");
                case '{' -> {
                    depth++;
                    regex.append("(?:");
                }
                case '}' -> {
                    regex.append(depth > 0 ? ")" : "\\}");
                    depth = Math.max(0, depth - 1);
                }
                case ',' -> regex.append(depth > 0 ? "|" : ",");
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        regex.append(")".repeat(depth));
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }
}
