package dev.tidemill.local.display;

import dev.tidemill.api.Condition;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.ModelStatus;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A bar for each Dataset, redrawn in place. */
final class Bars implements Display {

    private static final int WIDTH = 24;

    /** What a terminal of unknown width is thought to have; and none is so narrow. */
    private static final int USUAL_COLUMNS = 80;

    private static final int FEWEST_COLUMNS = 20;
    private static final String UP = "\u001b[%dA";
    private static final String CLEAR = "\r\u001b[2K";

    private final PrintStream out;
    private final int columns;
    private final Map<String, Bar> bars = new LinkedHashMap<>();
    private int drawn;

    /** @param revision of a training, or 0 */
    private record Bar(
            long done,
            long failed,
            long total,
            long revision,
            @Nullable DatasetStatus status) {

        static final Bar EMPTY = new Bar(0, 0, 0, 0, null);
    }

    /** @param columns of the terminal; a wider line would wrap, and the next redraw counts lines */
    Bars(PrintStream out, int columns) {
        this.out = out;
        this.columns = columns < FEWEST_COLUMNS ? USUAL_COLUMNS : columns;
    }

    @Override
    public synchronized void note(String text) {
        wipe();
        out.println(text);
        draw();
    }

    @Override
    public synchronized void status(String dataset, DatasetStatus status) {
        Bar bar = bars.getOrDefault(dataset, Bar.EMPTY);
        DatasetStatus.Items items = status.items();
        bars.put(
                dataset,
                items == null
                        ? new Bar(bar.done, bar.failed, bar.total, bar.revision, status)
                        : new Bar(items.succeeded(), items.failed(), items.total(), bar.revision, status));
        wipe();
        draw();
    }

    /** What is to be said of it is a note, and its training is a Dataset. */
    @Override
    public void model(String model, ModelStatus status) {}

    @Override
    public synchronized void progress(String dataset, long done, long failed, long total) {
        Bar bar = bars.getOrDefault(dataset, Bar.EMPTY);
        bars.put(dataset, new Bar(done, failed, total, bar.revision, bar.status));
        wipe();
        draw();
    }

    /** Drawn with what is done of the round. */
    @Override
    public synchronized void rounds(String dataset, long revision) {
        Bar bar = bars.getOrDefault(dataset, Bar.EMPTY);
        bars.put(dataset, new Bar(bar.done, bar.failed, bar.total, revision, bar.status));
    }

    @Override
    public synchronized void close() {
        bars.clear();
    }

    private void wipe() {
        if (drawn > 0) {
            out.printf(UP, drawn);
            for (int i = 0; i < drawn; i++) {
                out.println(CLEAR);
            }
            out.printf(UP, drawn);
            drawn = 0;
        }
    }

    private void draw() {
        int widest = bars.keySet().stream().mapToInt(String::length).max().orElse(0);
        bars.forEach((dataset, bar) -> {
            out.println(cut(dataset + " ".repeat(widest - dataset.length()) + "  " + picture(bar)));
            drawn++;
        });
        out.flush();
    }

    private static String picture(Bar bar) {
        boolean ready = holds(bar, Condition.READY);
        boolean working = bar.status == null || holds(bar, Condition.PROGRESSING);
        long finished = bar.done + bar.failed;
        int filled = bar.total == 0 ? ready ? WIDTH : 0 : (int) Math.min(WIDTH, WIDTH * finished / bar.total);
        String counts = bar.total == 0 ? "" : " " + finished + "/" + bar.total;
        String said = bar.status == null ? "" : " " + Lines.describe(bar.status);
        String taken = working && bar.revision > 0 ? ", revision " + bar.revision : "";
        return "█".repeat(filled) + "░".repeat(WIDTH - filled) + counts + said + taken;
    }

    private static boolean holds(Bar bar, String type) {
        return bar.status != null
                && Condition.find(bar.status.conditions(), type) instanceof Condition condition
                && condition.holds();
    }

    /** One line, whatever a message says. */
    private String cut(String line) {
        String text = line.replaceAll("\\p{Cntrl}", " ");
        return text.length() < columns ? text : text.substring(0, columns - 2) + "…";
    }
}
