package dev.tidemill.functions.lambda;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/** A runtime interface client with the user's handler in it, as a child of ours whose output is ours. */
final class RuntimeProcess {

    private final Process process;

    private RuntimeProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts one.
     *
     * @param apiPort where its Runtime API is
     * @param ended told the exit status, on another thread
     */
    static RuntimeProcess start(List<String> command, Map<String, String> environment, int apiPort, IntConsumer ended)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + apiPort);
        builder.environment().clear();
        builder.environment().putAll(variables);
        Process process = builder.start();
        process.onExit().thenAccept(over -> ended.accept(over.exitValue()));
        return new RuntimeProcess(process);
    }

    /** Ends it at once, with what it has forked. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** As Lambda says it. */
    static String describe(int status) {
        return switch (status) {
            case 0 -> "without providing a reason";
            case 137 -> "with error: signal: killed (out of memory, or ended from outside)";
            case 139 -> "with error: signal: segmentation fault";
            default -> status > 128 ? "with error: signal: " + (status - 128) : "with error: exit status " + status;
        };
    }
}
