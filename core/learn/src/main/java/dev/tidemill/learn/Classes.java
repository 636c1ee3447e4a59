package dev.tidemill.learn;

import dev.tidemill.api.TrainData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The different values of a target, as the classes that are told apart. */
public final class Classes {

    /** A target with more values is no class. */
    static final int MOST = 1_000;

    private static final Pattern NUMBER = Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

    private Classes() {}

    /**
     * In their order: that of numbers where all are whole, else that of texts.
     *
     * @throws LearnException if there are fewer than two, too many, or all are numbers and some have fractions: scikit-learn's "Unknown
     *     label type: continuous"
     */
    public static List<String> ordered(Collection<String> values, TrainData settings) {
        String column = settings.train().target();
        if (values.stream().allMatch(value -> NUMBER.matcher(value).matches())) {
            fractions(values).findFirst().ifPresent(fraction -> {
                throw new LearnException(
                        "ContinuousTarget",
                        "column %s has numbers with fractions, such as %s, and no classes: predict it by LinearRegression, or make whole numbers or texts of it"
                                .formatted(column, fraction));
            });
        }
        if (values.size() > MOST) {
            throw new LearnException(
                    "TooManyClasses",
                    "column %s has more than %,d different values, and no classes: numbers are predicted by LinearRegression"
                            .formatted(column, MOST));
        }
        if (values.size() < 2) {
            throw new LearnException("TooFewClasses", "column %s is %s in all rows".formatted(column, values));
        }
        List<String> ordered = new ArrayList<>(values);
        ordered.sort(areWhole(ordered) ? Comparator.comparingLong(Long::parseLong) : Comparator.naturalOrder());
        return ordered;
    }

    private static Stream<String> fractions(Collection<String> numbers) {
        return numbers.stream().filter(number -> Double.parseDouble(number) != Math.rint(Double.parseDouble(number)));
    }

    /** Whether all are whole numbers as they are written. */
    static boolean areWhole(Collection<String> texts) {
        return texts.stream().allMatch(text -> text.matches("-?(0|[1-9][0-9]{0,17})"));
    }
}
