package dev.tidemill.functions.model;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The process. It begins to load the model before the server starts: both take about as long, and neither needs the other. */
@QuarkusMain
public final class Main {

    private Main() {}

    public static void main(String... args) {
        if (!Serving.trains()) {
            Serving.begin();
        }
        Quarkus.run(args);
    }
}
