package dev.tidemill.local;

import dev.tidemill.api.Json;
import dev.tidemill.local.broker.Broker.DeadLetter;
import dev.tidemill.local.display.Display;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Events that no subscriber took, one JSON object a line. */
final class DeadLetters {

    private final Path file;
    private final Display display;

    DeadLetters(Path file, Display display) {
        this.file = file;
        this.display = display;
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
