package dev.tidemill.functions.model.event;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.RecordReader.Value;
import dev.tidemill.profile.RecordWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CSV or JSON Lines: the kept columns, then those of the predictions. */
record LinesEncoding(boolean csv, List<String> kept, List<ModelSpec.Tensor> outputs) implements Encoding {

    private static final Format.Csv ROWS = Format.Csv.DEFAULT.withHeader(Format.Header.ABSENT);

    /** Bytes of a row. */
    private static final int ABOUT = 256;

    @Override
    public byte[] rows(List<@Nullable Value[]> kept, List<Tensor> predictions) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(ABOUT * kept.size());
        Predictions columns = new Predictions(predictions);
        try (RecordWriter rows =
                csv ? RecordWriter.csv(bytes, List.of(), ROWS) : RecordWriter.jsonLines(bytes, columns(predictions))) {
            for (int row = 0; row < kept.size(); row++) {
                for (Value value : kept.get(row)) {
                    rows.write(value);
                }
                columns.write(rows, row);
                rows.end();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public byte[] head(long rows, List<Tensor> some) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (csv && rows > 0) {
            try {
                RecordWriter.csv(bytes, columns(some), Format.Csv.DEFAULT).close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return bytes.toByteArray();
    }

    private List<String> columns(List<Tensor> predictions) {
        List<String> names = new ArrayList<>(kept);
        names.addAll(Predictions.columns(outputs, predictions));
        return names;
    }

    @Override
    public String contentType() {
        return csv ? "text/csv" : "application/x-ndjson";
    }

    @Override
    public String extension() {
        return csv ? ".csv" : ".jsonl";
    }
}
