package dev.tidemill.profile.internal.csv;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The fields of one record as arrays: for the head of a file and for functions that want rows. */
final class Fields {
    private Fields() {}

    /** The fields of the record {@code bytes[start..end)}, unquoted; the line end may be part of the range. */
    static List<byte[]> split(byte[] bytes, int start, int end, byte delimiter, byte quote) {
        int to = end;
        if (to > start && bytes[to - 1] == '\n') {
            to--;
        }
        if (to > start && bytes[to - 1] == '\r') {
            to--;
        }
        List<byte[]> fields = new ArrayList<>();
        byte[] work = Arrays.copyOfRange(bytes, start, to);
        int at = 0;
        while (true) {
            int from = at;
            int length = 0;
            if (at < work.length && work[at] == quote) {
                at++;
                from = at;
                while (at < work.length) {
                    if (work[at] == quote) {
                        at++;
                        if (at == work.length || work[at] != quote) {
                            break;
                        }
                    }
                    work[from + length++] = work[at++];
                }
            }
            while (at < work.length && work[at] != delimiter) {
                work[from + length++] = work[at++];
            }
            fields.add(Arrays.copyOfRange(work, from, from + length));
            if (at >= work.length) {
                return fields;
            }
            at++;
        }
    }
}
