package dev.tidemill.local.importing;

import java.util.Collection;
import java.util.Locale;

/** Names as Tidemill's fields take them. */
final class Names {

    private Names() {}

    /** A DNS label: {@code HelloWorld} and {@code hello_world} become {@code hello-world}; 63 characters at most. */
    static String label(String name) {
        String label = name.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^[^a-z]+|-+$", "");
        String cut = label.length() > 63 ? label.substring(0, 63).replaceAll("-+$", "") : label;
        return cut.isEmpty() ? "function" : cut;
    }

    /** A name of a binding: {@code my-bucket} and {@code raw/} become {@code my_bucket_raw}. */
    static String binding(String bucket, String prefix) {
        String name = (bucket + "_" + prefix).replaceAll("[^A-Za-z0-9]+", "_").replaceAll("_+$", "");
        String led = name.matches("[A-Za-z_].*") ? name : "_" + name;
        return led.length() > 63 ? led.substring(0, 63) : led;
    }

    /** The name, with a number where it is taken already. */
    static String unused(String name, Collection<String> taken) {
        String free = name;
        for (int i = 2; taken.contains(free); i++) {
            String end = "-" + i;
            free = name.substring(0, Math.min(name.length(), 63 - end.length())) + end;
        }
        return free;
    }
}
