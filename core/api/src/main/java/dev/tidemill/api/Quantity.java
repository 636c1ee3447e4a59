package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** An amount of a pod's resource, kept as it was written: {@code 100m}, {@code 1.5}, {@code 2Gi}. */
public record Quantity(@JsonValue String text) {

    /** What the CRDs accept, after the Kubernetes API's own rule. */
    public static final String PATTERN =
            "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

    private static final Pattern SYNTAX = Pattern.compile(PATTERN);

    public Quantity {
        if (!SYNTAX.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a quantity: write 100m, 1.5 or 2Gi");
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Quantity parse(String text) {
        return new Quantity(text);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Quantity of(long number) {
        return new Quantity(Long.toString(number));
    }

    @Override
    public String toString() {
        return text;
    }
}
