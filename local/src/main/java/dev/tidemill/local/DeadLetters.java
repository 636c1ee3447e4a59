package dev.tidemill.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import dev.tidemill.local.broker.Broker.DeadLetter;
import dev.tidemill.local.display.Display;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Events that no subscriber took, one JSON object a line. */
final class DeadLetters {

    private static final ObjectMapper JSON = Json.mapper();

    private final Path file;
    private final Display display;

    DeadLetters(Path file, Display display) {
        this.file = file;
        this.display = display;
    }

    /**
     * Takes all letters out; who does not deliver them adds them again. Until {@link #delivered} they lie in a file beside, so that a
     * crash loses none: the next one to take them gets those as well.
     */
    synchronized List<DeadLetter> takeAll() {
        try {
            List<String> lines = new ArrayList<>();
            for (Path there : List.of(underWay(), file)) {
                if (Files.exists(there)) {
                    lines.addAll(Files.readAllLines(there));
                }
            }
            DataDir.write(underWay(), String.join("\n", lines));
            Files.deleteIfExists(file);
            List<DeadLetter> letters = new ArrayList<>();
            for (String line : lines) {
                letters.add(JSON.readValue(line, DeadLetter.class));
            }
            return letters;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Each letter that was taken out has been taken or added again. */
    synchronized void delivered() {
        try {
            Files.deleteIfExists(underWay());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path underWay() {
        return file.resolveSibling("redriven.jsonl");
    }

    /** How many there are. */
    synchronized int count() {
        try (var lines = Files.exists(file) ? Files.lines(file) : java.util.stream.Stream.<String>empty()) {
            return Math.toIntExact(lines.count());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    synchronized void add(DeadLetter letter) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(
                    file,
                    new String(Json.bytes(letter), StandardCharsets.UTF_8) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        display.note("event %s of type %s was not taken by %s (%s); it lies in %s"
                .formatted(letter.event().id(), letter.event().type(), letter.subscription(), letter.why(), file));
    }
}
