package dev.tidemill.dataflow;

import dev.tidemill.dataflow.Assignment.Cap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many calls each function may still get, over all Datasets together. A slice borrows the same number from each function that it
 * calls; what is lent is never more than the function's cap at the moment of lending.
 */
final class Permits {

    private final Map<String, Integer> lent = new HashMap<>();

    /** What one slice has borrowed. */
    record Loan(List<String> functions, int share) {}

    /** How many permits a slice that calls all of these could borrow now. */
    int free(List<Cap> caps) {
        return caps.stream().mapToInt(this::free).min().orElse(Integer.MAX_VALUE);
    }

    /** A cap of these that nothing is free under. */
    Optional<Cap> exhausted(List<Cap> caps) {
        return caps.stream().filter(cap -> free(cap) == 0).findFirst();
    }

    /** How a person calls the function of a cap; its namespace is that of the Dataset. */
    static String named(String function) {
        return "function " + function.substring(function.indexOf('/') + 1);
    }

    Loan lend(List<Cap> caps, int share) {
        if (share < 1 || share > free(caps)) {
            throw new IllegalStateException(share + " permits are not free in " + caps + ", lent are " + lent);
        }
        caps.forEach(cap -> lent.merge(cap.function(), share, Integer::sum));
        return new Loan(caps.stream().map(Cap::function).toList(), share);
    }

    void giveBack(Loan loan) {
        loan.functions.forEach(
                function -> lent.computeIfPresent(function, (_, n) -> n == loan.share ? null : n - loan.share));
    }

    private int free(Cap cap) {
        return Math.max(0, cap.atMost() - lent.getOrDefault(cap.function(), 0));
    }
}
