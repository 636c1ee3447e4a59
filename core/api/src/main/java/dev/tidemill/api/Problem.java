package dev.tidemill.api;

import java.nio.file.Path;

/**
 * Something in a file that its author must mend.
 *
 * @param document counted from 1; 0 where the file as a whole is meant
 * @param line counted from 1; 0 where the file as a whole is meant
 * @param path the field, empty where the document as a whole is meant
 * @param message what is wrong and what to do
 */
public record Problem(Path file, int document, int line, String path, String message) {

    /** One line, such as {@code orders.yaml:12: document 2, spec.source.prefx: unknown field, did you mean "prefix"?}. */
    @Override
    public String toString() {
        var text = new StringBuilder(file.toString());
        if (line > 0) {
            text.append(':').append(line);
        }
        text.append(": ");
        if (document > 1) {
            text.append("document ").append(document).append(path.isEmpty() ? ": " : ", ");
        }
        if (!path.isEmpty()) {
            text.append(path).append(": ");
        }
        return text.append(message).toString();
    }
}
