package dev.tidemill.functions.gate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words that open an address for deliveries: the files of a mounted Secret, usually two, so that one is valid while Triggers still
 * change from the other. They are read again every few seconds, since a Secret changes under a running pod.
 */
final class Deliveries {

    private static final Duration FRESH = Duration.ofSeconds(5);

    /** Shorter ones could be guessed; an empty file opens nothing. */
    private static final int SHORTEST = 32;

    private final @Nullable Path folder;
    private final Clock clock;
    private List<byte[]> words = List.of();
    private Instant read = Instant.MIN;

    Deliveries(@Nullable Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** Whether the word is one of them, in a time that does not depend on how much of it is right. */
    synchronized boolean opens(String word) {
        Instant now = clock.instant();
        if (folder != null && read.isBefore(now.minus(FRESH))) {
            words = read(folder);
            read = now;
        }
        byte[] given = word.getBytes(StandardCharsets.UTF_8);
        boolean opens = false;
        for (byte[] valid : words) {
            opens |= MessageDigest.isEqual(valid, given);
        }
        return opens;
    }

    private static List<byte[]> read(Path folder) {
        var words = new ArrayList<byte[]>();
        try (var files = Files.list(folder)) {
            // A mounted Secret has its files behind links, and links of its own that begin with dots.
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] word = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
                if (word.length >= SHORTEST) {
                    words.add(word);
                }
            }
        } catch (IOException e) {
            Log.line("the words for deliveries cannot be read, so none opens: %s", e);
            return List.of();
        }
        return words;
    }
}
