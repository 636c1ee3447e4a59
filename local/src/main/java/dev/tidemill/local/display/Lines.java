package dev.tidemill.local.display;

import dev.tidemill.api.Condition;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.ModelStatus;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;

/** A line whenever something is different from before. */
final class Lines implements Display {

    private static final int FIRST_ROUNDS = 8;

    private final PrintStream out;
    private final Map<String, String> last = new HashMap<>();
    private final Map<String, Rounds> rounds = new HashMap<>();

    /** The revision that was seen first, and after how many more there is something to tell. */
    private record Rounds(long first, long next) {}

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

    /** What is to be said of it is a note, and its training is a Dataset. */
    @Override
    public void model(String model, ModelStatus status) {}

    @Override
    public void progress(String dataset, long done, long failed, long total) {}

    /** Told when as many have been taken again as had been when it was told last. */
    @Override
    public synchronized void rounds(String dataset, long revision) {
        Rounds seen = rounds.computeIfAbsent(dataset, _ -> new Rounds(revision, FIRST_ROUNDS));
        long taken = revision - seen.first;
        if (taken >= seen.next) {
            out.println("dataset/" + dataset + ": working, revision " + revision);
            rounds.put(dataset, new Rounds(seen.first, 2 * taken));
        }
    }

    @Override
    public void close() {}

    /** The state in a few words, and what is wrong in full. */
    static String describe(DatasetStatus status) {
        Condition ready = Condition.find(status.conditions(), Condition.READY);
        Condition progressing = Condition.find(status.conditions(), Condition.PROGRESSING);
        Condition degraded = Condition.find(status.conditions(), Condition.DEGRADED);
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
}
