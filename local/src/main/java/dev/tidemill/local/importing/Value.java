package dev.tidemill.local.importing;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an expression of the input comes to.
 *
 * @param text null where it cannot be known here
 * @param from everything that it was made from; it is carried over with the value
 * @param why it cannot be known, and what to do; empty otherwise
 */
record Value(@Nullable String text, List<Item> from, String why) {

    Value {
        from = List.copyOf(from);
    }

    static Value of(Item scalar) {
        return new Value(scalar.text(), List.of(scalar), "");
    }

    static Value known(String text, List<Item> from) {
        return new Value(text, from, "");
    }

    static Value unknown(Item item, String why) {
        return new Value(null, List.of(item), why);
    }

    Value and(Item... more) {
        return new Value(text, Stream.concat(from.stream(), Stream.of(more)).toList(), why);
    }

    void carried(String target) {
        from.forEach(item -> item.carried(target));
    }
}
