package dev.tidemill.learn;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.TrainData;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/** The settings of one algorithm; each is taken once, and one that nobody takes is refused. */
public final class Parameters {

    private final ModelSpec.Algorithm algorithm;
    private final Map<String, String> left = new HashMap<>();

    private Parameters(ModelSpec.Algorithm algorithm) {
        this.algorithm = algorithm;
    }

    public static Parameters of(TrainData settings) {
        Parameters parameters = new Parameters(settings.train().algorithm());
        settings.train().parameters().forEach(given -> {
            if (parameters.left.put(given.name(), given.value()) != null) {
                throw new LearnException("BadParameter", "parameter %s is given twice".formatted(given.name()));
            }
        });
        return parameters;
    }

    public @Nullable String text(String name) {
        return left.remove(name);
    }

    /** A number in a range, or {@code otherwise}. */
    public double number(String name, double otherwise, DoublePredicate allowed, String range) {
        String given = text(name);
        if (given == null) {
            return otherwise;
        }
        try {
            double number = Double.parseDouble(given);
            if (allowed.test(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new LearnException(
                "BadParameter", "parameter %s is \"%s\" and has to be %s".formatted(name, given, range));
    }

    public int whole(String name, int otherwise, int least, int most) {
        return (int) number(
                name,
                otherwise,
                n -> n == Math.rint(n) && n >= least && n <= most,
                "a whole number between %d and %d".formatted(least, most));
    }

    /** @throws LearnException if there is one that the algorithm does not know */
    public void noMore(String known) {
        if (!left.isEmpty()) {
            throw new LearnException(
                    "BadParameter",
                    "%s has no parameter %s; it knows %s"
                            .formatted(algorithm, left.keySet().iterator().next(), known));
        }
    }
}
