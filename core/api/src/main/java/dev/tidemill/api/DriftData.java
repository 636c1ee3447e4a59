package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a Model's live inputs have moved: the data of {@link EventTypes#MODEL_DRIFTED}.
 *
 * @param dataset of live inputs, and its {@code revision}
 * @param rows of live data, and {@code referenceRows} of what it was compared with
 * @param columns those that the Model takes and both have, the one that has moved most first; 100 at most
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DriftData(
        String namespace,
        String model,
        String dataset,
        long revision,
        long rows,
        long referenceRows,
        String threshold,
        List<Column> columns) {

    public DriftData {
        columns = Defaults.list(columns);
    }

    /**
     * One column.
     *
     * @param psi population stability index
     * @param ks Kolmogorov–Smirnov statistic; null where values have no order but that of texts
     * @param drifted whether the index is over the threshold, and no accident of small samples
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Column(String name, double psi, @Nullable Double ks, boolean drifted) {}

    /** The columns that have drifted. */
    public List<Column> drifted() {
        return columns.stream().filter(Column::drifted).toList();
    }
}
