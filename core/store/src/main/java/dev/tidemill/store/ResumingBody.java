package dev.tidemill.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * An object's bytes over as many connections as it takes: one that breaks is replaced by another that goes on behind the last
 * byte read, on condition that the object is still the same.
 *
 * <p>What cannot be mended is thrown as a {@link StoreException}, never as an {@link IOException}: a reader of a format would
 * take that for a damaged file.
 */
final class ResumingBody extends InputStream {

    private static final int RESUMPTIONS_WITHOUT_PROGRESS = 5;

    /** Opens the object from an offset on. */
    interface Source {
        InputStream open(long offset);
    }

    private final Source source;
    private final Target target;
    private InputStream in;
    private long position;
    private int fruitless;

    ResumingBody(Target target, InputStream first, long position, Source source) {
        this.target = target;
        this.in = first;
        this.position = position;
        this.source = source;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) {
        while (true) {
            try {
                int n = in.read(b, off, len);
                if (n > 0) {
                    position += n;
                    fruitless = 0;
                }
                return n;
            } catch (IOException e) {
                resume(e);
            }
        }
    }

    private void resume(IOException broken) {
        if (broken instanceof InterruptedIOException && Thread.currentThread().isInterrupted()
                || ++fruitless > RESUMPTIONS_WITHOUT_PROGRESS) {
            throw new StoreException.Unavailable(
                    target + ", byte " + position + ": the connection broke: " + broken.getMessage(), broken);
        }
        close();
        in = source.open(position);
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // Of a connection that is given up nothing more is wanted.
            return;
        }
    }
}
