package dev.tidemill.images;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** One image: what is in it beside the runtime, and how it starts. Its name is also that of the folder that it is laid out in. */
enum Deployable {
    DATAFLOW(
            70,
            List.of(app("functions/dataflow")),
            List.of(
                    Deployable.USE_CACHE,
                    "-XX:+UseSerialGC",
                    "--add-modules=jdk.incubator.vector",
                    Deployable.LOG_JSON,
                    "-jar",
                    "/app/quarkus-run.jar")),
    // Classes, threads and buffers of its clients take 150 MiB beside the heap; with 70 it was killed within a limit of
    // 512 MiB. What optimized code and its compiler would take, and headers of objects, are left to ten thousand
    // Datasets.
    OPERATOR(
            50,
            List.of(app("operator")),
            List.of(
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseCompactObjectHeaders",
                    "-jar",
                    "/app/quarkus-run.jar")),
    LAMBDA(
            50,
            List.of(
                    new Part("functions/lambda/target/tidemill-lambda.jar", "app/tidemill-lambda.jar"),
                    new Part("functions/lambda/target/lib", "app/lib")),
            List.of(Deployable.USE_CACHE, "-XX:+UseSerialGC", "-jar", "/app/tidemill-lambda.jar")),
    GATE(
            50,
            List.of(
                    new Part("functions/gate/target/tidemill-gate.jar", "app/tidemill-gate.jar"),
                    new Part("functions/gate/target/lib", "app/lib")),
            // It stands in the way of a function's first answer: what starts fast serves best.
            List.of(
                    Deployable.USE_CACHE,
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-jar",
                    "/app/tidemill-gate.jar")),
    // The engines keep model and tensors outside the heap.
    MODEL(
            25,
            List.of(
                    app("functions/model"),
                    // Where the server looks for the engines' libraries when nothing else is said.
                    new Part("functions/model/target/natives", Deployable.NATIVES)),
            List.of(
                    Deployable.USE_CACHE,
                    "-XX:+UseSerialGC",
                    // Half of what it may have, from the beginning: a heap that grows was collected four times in a
                    // start, and cost scoring a tenth. What is not used of it takes no memory.
                    "-XX:InitialRAMPercentage=12.5",
                    // What runs ten times as often as by default is optimized, later than a start: the optimizing
                    // compiler took a quarter of its time.
                    "-XX:Tier4InvocationThreshold=50000",
                    "-XX:Tier4MinInvocationThreshold=6000",
                    "-XX:Tier4CompileThreshold=150000",
                    "-XX:Tier4BackEdgeThreshold=400000",
                    "--add-modules=jdk.incubator.vector",
                    Deployable.LOG_JSON,
                    "-jar",
                    "/app/quarkus-run.jar"));

    /** Where the libraries of engines are; what they are linked to is brought too. */
    static final String NATIVES = "opt/tidemill/natives";

    /** Starts from what {@link AotTraining} has written down. */
    static final String USE_CACHE = "-XX:AOTCache=/app/app.aot";

    /** One object a line, as the operator's. */
    private static final String LOG_JSON = "-Dquarkus.log.console.json.enabled=true";

    private final int heapPercent;
    private final List<Part> parts;
    private final List<String> arguments;

    /**
     * @param heapPercent of the container's memory at most for the heap
     * @param arguments of {@code java}, beside those that all have
     */
    Deployable(int heapPercent, List<Part> parts, List<String> arguments) {
        this.heapPercent = heapPercent;
        this.parts = parts;
        this.arguments = arguments;
    }

    /**
     * A file or folder of the image.
     *
     * @param from where the build has put it, from the root of the project
     * @param into where it is in the image, from its root
     */
    record Part(Path from, Path into) {
        Part(String from, String into) {
            this(Path.of(from), Path.of(into));
        }
    }

    private static Part app(String module) {
        return new Part(module + "/target/quarkus-app", "app");
    }

    String image() {
        return name().toLowerCase(Locale.ROOT);
    }

    List<Part> parts() {
        return parts;
    }

    Image image(Path runtime, Path app) {
        var environment = new LinkedHashMap<String, String>();
        environment.put("PATH", "/opt/java/bin");
        environment.put("LANG", "C.UTF-8");
        return new Image(image(), List.of(runtime, app), entrypoint(), environment, "/app");
    }

    List<String> entrypoint() {
        var all = Stream.of(
                "/opt/java/bin/java",
                "-XX:MaxRAMPercentage=" + heapPercent,
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED");
        return Stream.concat(all, arguments.stream()).toList();
    }
}
