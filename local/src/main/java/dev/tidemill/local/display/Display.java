package dev.tidemill.local.display;

import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.ModelStatus;

/** Where a run says what happens. Safe for concurrent use. */
public interface Display extends AutoCloseable {

    /** Something a person should know. */
    void note(String text);

    /** The Dataset's status changed. */
    void status(String dataset, DatasetStatus status);

    /** The Model's status changed. */
    void model(String model, ModelStatus status);

    /** How far the run of a Dataset is, in work items. */
    void progress(String dataset, long done, long failed, long total);

    /** How far a training is: each of its rounds is a revision of its Dataset. */
    void rounds(String dataset, long revision);

    /** Nothing more will move; what follows on standard output is the result. */
    @Override
    void close();

    /** Bars if somebody watches, lines otherwise. */
    static Display forPeople() {
        var console = System.console();
        boolean watched = console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
        // The launcher asks the terminal: Java cannot.
        return watched ? new Bars(System.err, Integer.getInteger("tidemill.columns", 0)) : new Lines(System.err);
    }
}
