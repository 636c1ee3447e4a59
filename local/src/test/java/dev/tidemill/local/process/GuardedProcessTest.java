package dev.tidemill.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedProcessTest {

    @TempDir
    Path dir;

    @Test
    void passesEnvironmentOutputAndStatusOn() throws Exception {
        Path log = dir.resolve("log");
        try (var process = GuardedProcess.start(
                List.of("/bin/sh", "-c", "echo \"hello $NAME\"; exit 7"), Map.of("NAME", "tide"), dir, log)) {
            assertThat(process.ended().toCompletableFuture().get()).isEqualTo(7);
            assertThat(process.lastWords(5)).isEqualTo("hello tide");
        }
    }

    @Test
    void closeEndsAProcessThatIgnoresTheRequest() throws Exception {
        Path pid = dir.resolve("pid");
        var process = GuardedProcess.start(
                List.of("/bin/sh", "-c", "trap '' TERM; echo $$ > pid; while :; do sleep 1; done"),
                Map.of(),
                dir,
                dir.resolve("log"));
        long child = awaitPid(pid);
        process.close();
        assertThat(process.isAlive()).isFalse();
        assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
    }

    /** This test's stand-in for the command is a JVM of its own, so that it can be killed the hard way. */
    @Test
    void killingTheParentTheHardWayEndsTheChildToo() throws Exception {
        Path pid = dir.resolve("pid");
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        dir.toString())
                .inheritIO()
                .start();
        long child = awaitPid(pid);
        ProcessHandle handle = ProcessHandle.of(child).orElseThrow();
        parent.destroyForcibly().waitFor();
        handle.onExit().get();
        assertThat(handle.isAlive()).isFalse();
    }

    static final class Parent {
        public static void main(String[] args) throws Exception {
            Path dir = Path.of(args[0]);
            GuardedProcess.start(
                    List.of("/bin/sh", "-c", "echo $$ > pid; exec sleep 600"), Map.of(), dir, dir.resolve("log"));
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    private static long awaitPid(Path pid) throws Exception {
        while (!Files.exists(pid) || Files.readString(pid).isBlank()) {
            Thread.sleep(20);
        }
        return Long.parseLong(Files.readString(pid).strip());
    }
}
