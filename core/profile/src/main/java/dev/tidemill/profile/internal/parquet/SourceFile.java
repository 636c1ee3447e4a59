package dev.tidemill.profile.internal.parquet;

import dev.hardwood.InputFile;
import dev.tidemill.profile.ByteSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A source as hardwood reads it: by ranges, from several threads. */
final class SourceFile implements InputFile {

    /** The source itself failed, not what is in it: to be told apart from broken data, which must not be retried. */
    static final class SourceFailure extends IOException {

        private static final long serialVersionUID = 1L;
        private final IOException source;

        SourceFailure(IOException source) {
            super(source);
            this.source = source;
        }

        IOException source() {
            return source;
        }
    }

    /** Behind the footer: its length, and a mark. */
    private static final int TAIL = 8;

    private final ByteSource source;
    private final long length;
    private volatile @Nullable PageCheck pages;

    SourceFile(ByteSource source) throws IOException {
        this.source = source;
        this.length = source.size();
    }

    /** Has pages looked at from now on. */
    void check(PageCheck found) {
        pages = found;
    }

    @Override
    public void open() {
        // every range opens a stream of its own
    }

    @Override
    public ByteBuffer readRange(long offset, int count) throws IOException {
        // None where a page ends behind its column: hardwood would ask again and again.
        if (offset < 0 || count <= 0 || offset > length - count) {
            throw new IndexOutOfBoundsException(
                    "bytes " + offset + " to " + (offset + count) + " are asked for, the file has " + length);
        }
        byte[] range;
        try (InputStream in = source.open(offset)) {
            range = in.readNBytes(count);
        } catch (IOException e) {
            throw new SourceFailure(e);
        }
        if (range.length < count) {
            throw new SourceFailure(new IOException(
                    source.name() + ": it ended at byte " + (offset + range.length) + " while it was read"));
        }
        if (count > TAIL && offset + count == length - TAIL) {
            checkFooter(range);
        }
        PageCheck known = pages;
        if (known != null) {
            known.look(offset, ByteBuffer.wrap(range));
        }
        return ByteBuffer.wrap(range);
    }

    /** Hardwood believes the footer's lengths: for a flipped bit it would ask for two gigabytes. */
    private static void checkFooter(byte[] footer) throws IOException {
        try {
            Thrift.skipStruct(ByteBuffer.wrap(footer));
        } catch (BufferUnderflowException e) {
            throw new IOException("it ends in the middle", e);
        }
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public void close() {
        // nothing is held open
    }
}
