package dev.tidemill.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.TrainData;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An algorithm that learns in rounds. In each, every row is added to sums, wherever it lies; the sums are merged; and what they come to
 * is the state that the next round is given, or the model.
 *
 * <pre>{@code
 * Learner learner = Learner.of(settings);
 * Learner.Round round = learner.round(state);
 * Sums sums = round.empty();
 * rows.forEach(row -> round.add(sums, row.x(), row.target()));
 * switch (round.finish(sums)) {
 *     case Learner.Next next -> …
 *     case Learner.Trained trained -> …
 * }
 * }</pre>
 */
public interface Learner {

    /** @param state what the last round came to; null for the first one */
    Round round(@Nullable JsonNode state);

    /** One pass over all rows. Safe for use by one thread. */
    interface Round {
        Sums empty();

        /**
         * Counts a row.
         *
         * @param x the inputs
         * @param target the value to predict as it is written; empty where there is none
         * @throws LearnException if the target is not what the algorithm predicts
         */
        void add(Sums sums, double[] x, String target);

        /** What the sums of all rows come to. */
        Outcome finish(Sums all);
    }

    /** What a round comes to. */
    sealed interface Outcome {}

    /** Another round, which is given this. */
    record Next(ObjectNode state) implements Outcome {}

    /**
     * The model.
     *
     * @param parameters what was learned, as the algorithm names it: coefficients, centres; a matrix row by row
     * @param metrics over the rows that it was trained on
     * @param converged whether more rounds would change nothing
     */
    record Trained(Onnx graph, Map<String, double[]> parameters, Map<String, Double> metrics, boolean converged)
            implements Outcome {}

    /** @throws LearnException if the settings do not fit the algorithm */
    static Learner of(TrainData settings) {
        return switch (settings.train().algorithm()) {
            case LinearRegression -> new LinearRegression(settings);
            case LogisticRegression -> new LogisticRegression(settings);
            case KMeans -> new KMeans(settings);
            case NeuralNetwork ->
                throw new LearnException("WrongFunction", "a neural network is trained by the model server");
        };
    }
}
