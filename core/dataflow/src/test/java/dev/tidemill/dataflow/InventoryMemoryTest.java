package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InventoryMemoryTest {

    private static final int KEYS = Integer.getInteger("tidemill.inventory.keys", 1_000_000);

    @Test
    void aMillionKeysFitInto256MebibytesAndAChangeRewritesOneSegment() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MillionKeys.class.getName(),
                        Integer.toString(KEYS))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor()).as(output).isZero();
        assertThat(output.lines().filter(line -> line.startsWith("DONE")).map(String::strip))
                .containsExactly("DONE 1 " + KEYS, "DONE 2 " + KEYS);
        // Of the second revision only the segment with the changed key is new, and the list of garbage with its parts.
        long segments = output.lines()
                .filter(line -> line.startsWith("segments "))
                .mapToLong(line -> Long.parseLong(line.substring("segments ".length())))
                .sum();
        assertThat(segments).isBetween(KEYS / 4096L / 2, KEYS / 4096L * 2);
    }
}
