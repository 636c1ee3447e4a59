package dev.tidemill.profile.internal.parquet;

import dev.tidemill.profile.FormatException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Where a reader is in a column of numbers. Values come in runs: a page of plain ones is one; indexes into a dictionary are runs of one
 * value again and again, or of values packed bit by bit (Parquet's Encodings.md, RLE/bit-packing hybrid).
 */
final class NumberCursor {

    private enum Run {
        PLAIN,
        REPEATED,
        PACKED
    }

    private NumberPage page;
    /** Values of the page that are not read. */
    private int left;
    /** Values of the run that are not read. */
    private int inRun;

    private Run run = Run.PLAIN;
    /** The next byte behind the run, or of plain values the next one. */
    private int at;
    /** Where the next index of a packed run begins. */
    private long bit;

    private float repeated;

    /** At the first value of a page. */
    NumberCursor(NumberPage page) throws FormatException {
        this.page = page;
        open(page);
    }

    /** At the same value, and on its own from there. */
    NumberCursor(NumberCursor other) {
        page = other.page;
        left = other.left;
        inRun = other.inRun;
        run = other.run;
        at = other.at;
        bit = other.bit;
        repeated = other.repeated;
    }

    /** How many values of its page are to come. */
    int left() {
        return left;
    }

    NumberPage page() {
        return page;
    }

    private void open(NumberPage opened) throws FormatException {
        page = opened;
        left = page.count();
        at = page.start();
        if (page.dictionary() == null) {
            run = Run.PLAIN;
            inRun = left;
            need((long) left * page.type().bytes());
        } else {
            inRun = 0;
        }
    }

    private void need(long bytes) throws FormatException {
        if (bytes > page.end() - at) {
            throw page.place().broken("its values end %d bytes too early".formatted(bytes - (page.end() - at)));
        }
    }

    /** Reads float32 values, {@code stride} apart, over the pages that are known. */
    void read(int count, float[] into, int from, int stride) throws FormatException {
        for (int done = 0, n; done < count; done += n) {
            n = run(count - done);
            int to = from + done * stride;
            switch (run) {
                case PLAIN -> page.type().read(page.data(), at, n, into, to, stride);
                case REPEATED -> {
                    for (int i = 0; i < n; i++) {
                        into[to + i * stride] = repeated;
                    }
                }
                case PACKED -> unpack(n, into, to, stride);
            }
            pass(n);
        }
    }

    /** Whether the rest of the page is this value. */
    boolean areAll(float value) throws FormatException {
        float[] some = new float[64];
        while (left > 0) {
            int n = run(left);
            if (run == Run.REPEATED) {
                some[0] = repeated;
                pass(n);
                n = 1;
            } else {
                n = Math.min(n, some.length);
                read(n, some, 0, 1);
            }
            for (int i = 0; i < n; i++) {
                if (some[i] != value) {
                    return false;
                }
            }
        }
        return true;
    }

    void skip(int count) throws FormatException {
        for (int done = 0, n; done < count; done += n) {
            n = run(count - done);
            pass(n);
        }
    }

    /** How many values of the current run there are, up to {@code most}; goes on to the next one, and to the next page, where it is through. */
    private int run(int most) throws FormatException {
        while (left == 0) {
            open(Objects.requireNonNull(page.next(), "the page behind is not known"));
        }
        while (inRun == 0) {
            next();
        }
        return Math.min(most, inRun);
    }

    private void pass(int values) {
        left -= values;
        inRun -= values;
        switch (run) {
            case PLAIN -> at += values * page.type().bytes();
            case REPEATED -> {}
            case PACKED -> bit += (long) values * page.width();
        }
    }

    private void next() throws FormatException {
        long head = 0;
        int shift = 0;
        byte part;
        do {
            need(1);
            part = page.data().get(at++);
            head |= (part & 0x7fL) << shift;
            shift += 7;
        } while (part < 0 && shift < Integer.SIZE);
        if ((head & 1) == 0) {
            inRun = (int) Math.min(left, head >>> 1);
            int bytes = (page.width() + 7) / 8;
            need(bytes);
            run = Run.REPEATED;
            repeated = value((int) (page.data().getLong(at) & (1L << 8 * bytes) - 1));
            at += bytes;
        } else {
            long values = (head >>> 1) * 8;
            inRun = (int) Math.min(left, values);
            run = Run.PACKED;
            bit = 8L * at;
            need(((long) inRun * page.width() + 7) / 8);
            at = (int) Math.min(page.end(), at + values * page.width() / 8);
        }
    }

    private float value(int index) throws FormatException {
        float[] dictionary = Objects.requireNonNull(page.dictionary());
        if (index < 0 || index >= dictionary.length) {
            throw page.place()
                    .broken("index %s into a dictionary of %d"
                            .formatted(Integer.toUnsignedString(index), dictionary.length));
        }
        return dictionary[index];
    }

    private void unpack(int count, float[] into, int from, int stride) throws FormatException {
        ByteBuffer data = page.data();
        float[] dictionary = Objects.requireNonNull(page.dictionary());
        int width = page.width();
        long mask = (1L << width) - 1;
        long next = bit;
        for (int i = 0; i < count; i++, next += width) {
            int index = (int) (data.getLong((int) (next >>> 3)) >>> (next & 7) & mask);
            if (index < 0 || index >= dictionary.length) {
                value(index);
            }
            into[from + i * stride] = dictionary[index];
        }
    }
}
