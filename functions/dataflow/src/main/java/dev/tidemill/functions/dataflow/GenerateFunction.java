package dev.tidemill.functions.dataflow;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.GenerateData;
import dev.tidemill.functions.sdk.RefusedException;
import dev.tidemill.functions.sdk.Result;
import dev.tidemill.functions.sdk.Tidemill;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import java.util.Objects;

/** Makes one object of a generated Dataset. */
public class GenerateFunction {

    private final Tidemill tidemill;

    GenerateFunction(Tidemill tidemill) {
        this.tidemill = tidemill;
    }

    @Funq
    @CloudEventMapping(trigger = EventTypes.GENERATE)
    public CloudEvent<byte[]> generate(CloudEvent<byte[]> event) {
        return tidemill.answer(event, GenerateData.class, data -> {
            Generator.Form form = form(Objects.requireNonNullElse(data.format(), DataFormat.Type.Csv));
            return new Result(new Generator(data.generate(), form).object(data.index()), form.contentType);
        });
    }

    private static Generator.Form form(DataFormat.Type type) {
        return switch (type) {
            case Auto, Csv -> Generator.Form.CSV;
            case JsonLines -> Generator.Form.JSON_LINES;
            case Parquet, Npy, Image, Raw ->
                throw new RefusedException(
                        "NotYetSupported",
                        "data is generated as Csv or JsonLines, not as " + type + ": set output.format");
        };
    }
}
