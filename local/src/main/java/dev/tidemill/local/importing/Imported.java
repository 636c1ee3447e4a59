package dev.tidemill.local.importing;

import java.nio.file.Path;
import java.util.List;

/**
 * What came of an import. Every leaf of the input is in {@code carried}, or it or something around it is in {@code notCarried}.
 *
 * @param yaml Tidemill's resources
 * @param questions what somebody has to decide before the resources do what the originals did
 * @param notCarried what has no counterpart
 */
public record Imported(String yaml, List<Carried> carried, List<Finding> questions, List<Finding> notCarried) {

    public Imported {
        carried = List.copyOf(carried);
        questions = List.copyOf(questions);
        notCarried = List.copyOf(notCarried);
    }

    /**
     * A leaf that went over.
     *
     * @param to fields such as {@code function/hello spec.timeout}
     */
    public record Carried(Path file, String path, List<String> to) {}

    /**
     * Something to be told.
     *
     * @param line counted from 1
     */
    public record Finding(Path file, int line, String path, String message) {
        /** One line: {@code template.yaml:12: Resources.Hello.Properties.Layers: build what is in layers into the image}. */
        @Override
        public String toString() {
            return "%s:%d: %s%s".formatted(file, line, path.isEmpty() ? "" : path + ": ", message);
        }
    }
}
