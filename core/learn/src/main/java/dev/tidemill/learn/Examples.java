package dev.tidemill.learn;

import dev.tidemill.api.TensorColumns;
import dev.tidemill.api.TrainData;
import dev.tidemill.profile.RecordReader;
import java.io.IOException;
import java.util.List;

/** The rows of one table as a learner takes them: the columns of the model's input, and the target's. */
public final class Examples {

    /** Squares of more could not be added up in doubles. */
    private static final double LARGEST = 1e140;

    private final int[] positions;
    private final int target;
    private final String targetName;

    private Examples(int[] positions, int target, String targetName) {
        this.positions = positions;
        this.target = target;
        this.targetName = targetName;
    }

    /** Takes one row. */
    @FunctionalInterface
    public interface Row {
        /** @param x is used again for the next row */
        void take(double[] x, String target);
    }

    /**
     * Goes through all rows.
     *
     * @param name of the table, for messages
     * @throws LearnException if it has not the columns, or a value is missing or no number
     */
    public static void read(RecordReader rows, String name, TrainData settings, Row each) throws IOException {
        Examples examples = null;
        double[] x = new double[0];
        for (long record = 1; rows.next(); record++) {
            if (examples == null) {
                examples = of(rows.columns(), name, settings);
                x = new double[examples.positions.length];
            }
            examples.fill(rows, x, record);
            String target = examples.target(rows, record);
            try {
                each.take(x, target);
            } catch (LearnException e) {
                throw new LearnException(e.reason(), "record %d: %s".formatted(record, e.getMessage()));
            }
        }
    }

    private static Examples of(List<String> columns, String table, TrainData settings) {
        String target = settings.train().target();
        int at = target == null ? -1 : columns.indexOf(target);
        if (target != null && at < 0) {
            throw new LearnException(
                    "ColumnMissing",
                    "spec.train.target is %s, and %s has no such column; it has %s".formatted(target, table, columns));
        }
        try {
            int[] positions = TensorColumns.positions(settings.inputs().getFirst(), columns, table);
            for (int position : positions) {
                if (position == at) {
                    throw new LearnException(
                            "TargetAmongInputs",
                            "the columns of input %s take in %s, which is the target: correct inputs[].columns"
                                    .formatted(settings.inputs().getFirst().name(), target));
                }
            }
            return new Examples(positions, at, target == null ? "" : target);
        } catch (IllegalArgumentException e) {
            throw new LearnException("ModelMismatch", String.valueOf(e.getMessage()));
        }
    }

    private void fill(RecordReader rows, double[] x, long record) {
        for (int i = 0; i < x.length; i++) {
            x[i] = rows.numberOrNaN(positions[i]);
            if (!(Math.abs(x[i]) <= LARGEST)) {
                throw bad(rows, positions[i], rows.columns().get(positions[i]), record, needed(x[i]));
            }
        }
    }

    private String target(RecordReader rows, long record) {
        if (target < 0) {
            return "";
        }
        if (rows.isNull(target)) {
            throw bad(rows, target, targetName, record, "the target is needed");
        }
        return rows.text(target);
    }

    private static LearnException bad(RecordReader rows, int column, String name, long record, String needed) {
        return new LearnException(
                "BadInput",
                rows.isNull(column)
                        ? "record %d has no value in column %s, and %s".formatted(record, name, needed)
                        : "record %d has \"%s\" in column %s, and %s"
                                .formatted(record, rows.text(column), name, needed));
    }

    /** A target that has to be a number. */
    static double number(String target, TrainData settings) {
        double number = parsed(target);
        if (Math.abs(number) <= LARGEST) {
            return number;
        }
        throw new LearnException(
                "BadInput",
                "the target, column %s, is \"%s\", and %s"
                        .formatted(settings.train().target(), target, needed(number)));
    }

    private static double parsed(String number) {
        try {
            return Double.parseDouble(number);
        } catch (NumberFormatException _) {
            return Double.NaN;
        }
    }

    private static String needed(double given) {
        return Double.isFinite(given) ? "numbers up to 1e140 can be learned from" : "a finite number is needed";
    }
}
