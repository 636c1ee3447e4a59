package dev.tidemill.local.display;

import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Json;
import dev.tidemill.api.ModelStatus;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One JSON object a line: {@code {"note"}}, or {@code {"dataset", "status"}} or {@code {"model", "status"}} at each change. */
public final class JsonLines implements Display {

    private final PrintStream out;

    public JsonLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void note(String text) {
        print(Map.of("note", text));
    }

    @Override
    public void status(String dataset, DatasetStatus status) {
        print(new Changed(dataset, status));
    }

    @Override
    public void model(String model, ModelStatus status) {
        print(new ChangedModel(model, status));
    }

    @Override
    public void progress(String dataset, long done, long failed, long total) {}

    @Override
    public void rounds(String dataset, long revision) {}

    @Override
    public void close() {}

    private record Changed(String dataset, DatasetStatus status) {}

    private record ChangedModel(String model, ModelStatus status) {}

    private synchronized void print(Object line) {
        out.println(new String(Json.bytes(line), StandardCharsets.UTF_8));
        out.flush();
    }
}
