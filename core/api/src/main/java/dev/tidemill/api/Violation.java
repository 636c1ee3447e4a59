package dev.tidemill.api;

/**
 * Something in a resource that cannot stand.
 *
 * @param path the field, such as {@code spec.data[0].scale}
 * @param message what to do about it
 */
public record Violation(String path, String message) {

    @Override
    public String toString() {
        return path + ": " + message;
    }
}
