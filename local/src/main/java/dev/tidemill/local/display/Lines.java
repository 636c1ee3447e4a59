package dev.tidemill.local.display;

import dev.tidemill.api.Condition;
import dev.tidemill.api.DatasetStatus;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;

/** A line whenever something is different from before. */
final class Lines implements Display {

    private final PrintStream out;
    private final Map<String, String> last = new HashMap<>();

    Lines(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void note(String text) {
        out.println(text);
    }

    @Override
    public synchronized void status(String dataset, DatasetStatus status) {
        String line = describe(status);
        if (!line.equals(last.put(dataset, line))) {
            out.println("dataset/" + dataset + ": " + line);
        }
    }

    @Override
    public void progress(String dataset, long done, long failed, long total) {}

    @Override
    public void close() {}

    /** The state in a few words, and what is wrong in full. */
    static String describe(DatasetStatus status) {
        Condition ready = condition(status, Condition.READY);
        Condition progressing = condition(status, Condition.PROGRESSING);
        Condition degraded = condition(status, Condition.DEGRADED);
        StringBuilder text = new StringBuilder();
        if (progressing != null && progressing.holds()) {
            text.append("working").append(because(progressing));
        } else if (ready != null && ready.holds()) {
            text.append("ready, revision ").append(status.revision());
        } else if (ready != null) {
            text.append("not ready").append(because(ready));
        }
        if (degraded != null && degraded.holds()) {
            text.append("; degraded").append(because(degraded));
        }
        return text.toString();
    }

    private static String because(Condition condition) {
        return condition.message().isEmpty() ? "" : " (" + condition.reason() + ": " + condition.message() + ")";
    }

    static @org.jspecify.annotations.Nullable Condition condition(DatasetStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElse(null);
    }
}
