package dev.tidemill.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A kube-apiserver that is a process of this machine, as {@code $TEST_CLUSTER/up} starts it: its pid, and the kubelet's, are in the
 * folder {@code pids} beside the KUBECONFIG.
 */
record ApiServer(Path pids) {

    private static final String NAME = "kube-apiserver";

    /** Empty where there is no such process to kill. */
    static Optional<ApiServer> of(Shell shell) {
        var pids = Path.of(shell.environment().get("KUBECONFIG")).resolveSibling("pids");
        return Files.exists(pids.resolve(NAME)) ? Optional.of(new ApiServer(pids)) : Optional.empty();
    }

    /** Ends it by SIGKILL, leaves it away for a while, and starts it again as it was. */
    void killFor(Duration away) throws IOException, InterruptedException {
        var pid = pid(NAME);
        var words = Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.UTF_8)
                .split("\0", -1);
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
        Thread.sleep(away);
        var command = new ArrayList<>(List.of("setsid", "nsenter", "--net=/proc/" + pid("kubelet") + "/ns/net"));
        for (var word : words) {
            if (!word.isEmpty()) {
                command.add(word);
            }
        }
        var log = pids.resolveSibling("logs").resolve(NAME + ".log").toFile();
        var started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        Files.writeString(pids.resolve(NAME), started.pid() + "\n");
    }

    private String pid(String name) throws IOException {
        return Files.readString(pids.resolve(name)).strip();
    }
}
