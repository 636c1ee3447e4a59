package dev.tidemill.functions.model.event;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.OutputTarget;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.profile.RecordReader.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How scored rows become the bytes of an object. Safe for concurrent use: its rows are encoded many at a time, in any order. */
sealed interface Encoding permits LinesEncoding, NpyEncoding {

    /**
     * @param kept the names of the columns that go before the predictions
     * @throws TensorException if the format is none that these can be written in
     */
    static Encoding of(@Nullable OutputTarget output, List<String> kept, List<ModelSpec.Tensor> outputs) {
        return switch (output == null ? null : output.format()) {
            case null -> new LinesEncoding(false, kept, outputs);
            case Auto, JsonLines -> new LinesEncoding(false, kept, outputs);
            case Csv -> new LinesEncoding(true, kept, outputs);
            case Npy -> NpyEncoding.of(kept, outputs);
            case Parquet, Image, Raw ->
                throw new TensorException("predictions are written as %s, %s and %s: correct output.format"
                        .formatted(DataFormat.Type.Csv, DataFormat.Type.JsonLines, DataFormat.Type.Npy));
        };
    }

    /**
     * Some rows.
     *
     * @param kept for each row a value, or none, for each kept column
     * @param predictions the model's outputs for these rows
     */
    byte[] rows(List<@Nullable Value[]> kept, List<Tensor> predictions);

    /**
     * What goes before all rows.
     *
     * @param rows how many there are
     * @param some the outputs for some of them; without rows none
     */
    byte[] head(long rows, List<Tensor> some);

    String contentType();

    /** Of an object's key, with its dot. */
    String extension();
}
