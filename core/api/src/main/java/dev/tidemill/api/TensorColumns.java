package dev.tidemill.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which columns of a table fill a model's input: as many as one of its rows has elements, those that match its globs ({@code *}, {@code
 * ?} and {@code [a-z]}), in the order of the globs and then of the table; without globs, the one of the input's name.
 */
public final class TensorColumns {

    private static final int SHOWN = 12;

    private TensorColumns() {}

    /**
     * Their positions among the names.
     *
     * @param table for messages
     * @throws IllegalArgumentException if there are more or fewer columns than the input takes
     */
    public static int[] positions(ModelSpec.Tensor input, List<String> names, String table) {
        var takes = 1L;
        for (var size : input.shape().stream().skip(1).toList()) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "input %s has an open dimension behind its rows, %s: a table does not say how many columns it takes"
                                .formatted(input.name(), input.shape()));
            }
            takes *= size;
        }
        var positions = matching(input, names);
        if (positions.size() != takes) {
            throw new IllegalArgumentException(
                    "input %s takes %d columns, and %s matches %d of %s: correct inputs[].columns"
                            .formatted(input.name(), takes, globs(input), positions.size(), shown(names, table)));
        }
        return positions.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The positions of those that it would take, however many there are. */
    public static List<Integer> matching(ModelSpec.Tensor input, List<String> names) {
        var positions = new ArrayList<Integer>();
        for (var glob : globs(input)) {
            var pattern = pattern(glob);
            for (var i = 0; i < names.size(); i++) {
                if (!positions.contains(i) && pattern.matcher(names.get(i)).matches()) {
                    positions.add(i);
                }
            }
        }
        return positions;
    }

    /** The column that fills one place of a row, where the input names them one by one. */
    public static Optional<String> named(ModelSpec.Tensor input, int place) {
        var globs = globs(input);
        return globs.stream().allMatch(glob -> glob.chars().noneMatch(c -> "*?[".indexOf(c) >= 0))
                ? Optional.of(globs.get(place))
                : Optional.empty();
    }

    private static List<String> globs(ModelSpec.Tensor input) {
        return input.columns().isEmpty() ? List.of(input.name()) : input.columns();
    }

    private static String shown(List<String> names, String table) {
        return table + "'s columns " + (names.size() <= SHOWN ? names : names.subList(0, SHOWN) + " and more");
    }

    private static Pattern pattern(String glob) {
        var regex = new StringBuilder();
        var set = false;
        for (var i = 0; i < glob.length(); i++) {
            var c = glob.charAt(i);
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
