package dev.tidemill.profile.internal.codec;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A gzip file of any number of members (RFC 1952 §2.2), as {@code cat a.gz b.gz}, bgzip and log shippers write them.
 *
 * <p>The JDK's {@code GZIPInputStream} asks {@code available()} whether another member follows; over a network that may be 0 in the
 * middle of a file, and the rest of the data is then dropped in silence. Here only the end of the input ends the data. Zero padding
 * after a member is skipped as gzip(1) does.
 */
public final class GzipStream extends InputStream {

    private static final int BUFFER = 64 << 10;
    private static final int FHCRC = 2;
    private static final int FEXTRA = 4;
    private static final int FNAME = 8;
    private static final int FCOMMENT = 16;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[BUFFER];
    private final byte[] one = new byte[1];
    private int position;
    private int limit;
    private long bufferStart;
    private long memberStart;
    private boolean finished;

    /** Reads the first member's header. */
    public GzipStream(InputStream in) throws IOException {
        this.in = in;
        try {
            header(nextByte());
        } catch (IOException e) {
            inflater.end();
            throw e;
        }
    }

    /** Bytes of the compressed input that have been used so far. */
    public long compressedPosition() {
        return bufferStart + position;
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        while (!finished) {
            int count = inflate(target, offset, length);
            if (count > 0) {
                crc.update(target, offset, count);
                return count;
            }
            if (inflater.finished()) {
                trailer();
                nextMember();
            } else if (inflater.needsDictionary()) {
                throw broken("the deflate stream asks for a preset dictionary, which gzip does not have");
            } else if (!fill()) {
                throw truncated("in the compressed data");
            }
        }
        return -1;
    }

    private int inflate(byte[] target, int offset, int length) throws BrokenCodecException {
        inflater.setInput(buffer, position, limit - position);
        try {
            return inflater.inflate(target, offset, length);
        } catch (DataFormatException e) {
            throw broken("the deflate data is damaged (" + e.getMessage() + ")");
        } finally {
            position = limit - inflater.getRemaining();
        }
    }

    private void trailer() throws IOException {
        long expected = little(4);
        if (expected != crc.getValue()) {
            throw broken("the checksum (CRC-32) of the member that begins at byte " + memberStart + " does not match");
        }
        if (little(4) != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw broken("the length of the member that begins at byte " + memberStart + " does not match");
        }
    }

    private void nextMember() throws IOException {
        int first;
        do {
            first = nextByteOrEnd();
        } while (first == 0);
        if (first < 0) {
            finished = true;
            return;
        }
        inflater.reset();
        crc.reset();
        header(first);
    }

    private void header(int first) throws IOException {
        memberStart = compressedPosition() - 1;
        if (first != 0x1f || nextByte() != 0x8b) {
            throw new BrokenCodecException(memberStart, "there is no gzip member here (no magic 1f 8b)");
        }
        if (nextByte() != 8) {
            throw broken("the compression method is not deflate");
        }
        int flags = nextByte();
        skip(6);
        if ((flags & FEXTRA) != 0) {
            skip((int) little(2));
        }
        if ((flags & FNAME) != 0) {
            skipString();
        }
        if ((flags & FCOMMENT) != 0) {
            skipString();
        }
        if ((flags & FHCRC) != 0) {
            skip(2);
        }
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            nextByte();
        }
    }

    private void skipString() throws IOException {
        while (nextByte() != 0) {
            // the name and the comment end with a zero byte
        }
    }

    private long little(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) nextByte() << (8 * i);
        }
        return value;
    }

    private int nextByte() throws IOException {
        int b = nextByteOrEnd();
        if (b < 0) {
            throw truncated("in a member's header or trailer");
        }
        return b;
    }

    private int nextByteOrEnd() throws IOException {
        return position < limit || fill() ? buffer[position++] & 0xff : -1;
    }

    private boolean fill() throws IOException {
        bufferStart += limit;
        position = 0;
        limit = 0;
        int count = in.read(buffer, 0, BUFFER);
        limit = Math.max(count, 0);
        return count > 0;
    }

    private BrokenCodecException truncated(String where) {
        return broken("the gzip file ends " + where + " of the member that begins at byte " + memberStart);
    }

    private BrokenCodecException broken(String problem) {
        return new BrokenCodecException(compressedPosition(), problem);
    }

    @Override
    public void close() throws IOException {
        finished = true;
        inflater.end();
        in.close();
    }
}
