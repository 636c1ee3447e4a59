package dev.tidemill.profile.internal.codec;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A zstd file of any number of frames (RFC 8878 §3.1); its native decoder says what broke, this class says where. */
final class ZstdStream extends InputStream {

    private final CountingStream counted;
    private final ZstdInputStream frames;

    ZstdStream(InputStream in) throws IOException {
        counted = new CountingStream(in);
        frames = new ZstdInputStream(counted);
        frames.setContinuous(false);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        try {
            return frames.read(target, offset, length);
        } catch (ZstdIOException e) {
            String problem = counted.atEnd
                    ? "the zstd file ends in the middle of a frame"
                    : "the zstd data is damaged (" + e.getMessage() + ")";
            throw new BrokenCodecException(counted.position, problem, e);
        }
    }

    @Override
    public void close() throws IOException {
        frames.close();
    }

    /** Counts what the decoder took; it reads ahead, so that the position is where the block with the damage ends. */
    private static final class CountingStream extends FilterInputStream {

        private long position;
        private boolean atEnd;

        CountingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count(b < 0 ? -1 : 1);
            return b;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count(read);
            return read;
        }

        private void count(int read) {
            if (read < 0) {
                atEnd = true;
            } else {
                position += read;
            }
        }
    }
}
