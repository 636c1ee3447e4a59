package dev.tidemill.functions.model.event;

import java.util.regex.Pattern;

/** {@code *}, {@code ?} and {@code [a-z]} in column names. */
final class Glob {

    private Glob() {}

    static Pattern compile(String glob) {
        StringBuilder regex = new StringBuilder();
        boolean set = false;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (set) {
                regex.append(c == '\\' ? "\\\\" : String.valueOf(c));
                set = c != ']';
            } else if (c == '[' && glob.indexOf(']', i) > 0) {
                regex.append(c);
                set = true;
            } else {
                regex.append(
                        switch (c) {
                            case '*' -> ".*";
                            case '?' -> ".";
                            default -> Pattern.quote(String.valueOf(c));
                        });
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }
}
