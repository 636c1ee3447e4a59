package dev.tidemill.functions.model.event;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.TensorColumns;
import dev.tidemill.functions.model.tensor.TensorException;
import java.util.Arrays;
import java.util.List;

/**
 * The columns of a table that fill one input ({@link TensorColumns}).
 *
 * @param positions in the table, in the order of the input's elements
 */
record Columns(ModelSpec.Tensor input, int[] positions) {

    /**
     * @param table for messages
     * @throws TensorException if there are more or fewer columns than the input takes
     */
    static Columns of(ModelSpec.Tensor input, List<String> names, String table) {
        try {
            return new Columns(input, TensorColumns.positions(input, names, table));
        } catch (IllegalArgumentException e) {
            throw new TensorException(String.valueOf(e.getMessage()));
        }
    }

    boolean takes(int column) {
        return Arrays.stream(positions).anyMatch(position -> position == column);
    }
}
