package dev.tidemill.operator;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;

/** Names that are made of other names, and may be shorter. */
public final class Names {

    /** The longest that a label of DNS may be, and with it the name of a Knative Service. */
    public static final int LONGEST = 63;

    private Names() {}

    /** The name, or if it is too long as much of it as fits with a checksum of all of it. */
    public static String within(int longest, String name) {
        return name.length() <= longest ? name : marked(longest, name, name);
    }

    /** As much of the name as fits, and a checksum of what it stands for. */
    public static String marked(int longest, String name, String what) {
        var crc = new CRC32();
        crc.update(what.getBytes(StandardCharsets.UTF_8));
        var sum = HexFormat.of().toHexDigits((int) crc.getValue());
        var most = longest - sum.length() - 1;
        return (name.length() > most ? name.substring(0, most) : name) + "-" + sum;
    }
}
