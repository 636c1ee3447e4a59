package dev.tidemill.profile.internal;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.codec.BrokenCodecException;
import dev.tidemill.profile.internal.codec.Codec;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The plain bytes of a packed source. To open it in the middle is to unpack everything before. */
record PackedSource(ByteSource packed, Codec codec) implements ByteSource {

    /** Lines and bytes in messages are those of the plain text, and the name says so. */
    @Override
    public String name() {
        return packed.name() + " (unpacked)";
    }

    @Override
    public long size() {
        return -1;
    }

    @Override
    public InputStream open(long offset) throws IOException {
        InputStream in = packed.open(0);
        try {
            var plain = new Plain(codec.unpack(in));
            plain.skipUpTo(offset);
            return plain;
        } catch (BrokenCodecException e) {
            in.close();
            throw broken(e);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private FormatException broken(BrokenCodecException e) {
        var broken = new FormatException(
                packed.name(),
                -1,
                e.position(),
                e.getMessage() + "; it was cut off or damaged: pack or upload it again");
        broken.initCause(e);
        return broken;
    }

    private final class Plain extends FilterInputStream {

        Plain(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (BrokenCodecException e) {
                throw broken(e);
            }
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return super.read(target, offset, length);
            } catch (BrokenCodecException e) {
                throw broken(e);
            }
        }

        void skipUpTo(long offset) throws IOException {
            var skipped = new byte[64 << 10];
            for (long left = offset; left > 0; ) {
                int count = read(skipped, 0, (int) Math.min(left, skipped.length));
                if (count < 0) {
                    return;
                }
                left -= count;
            }
        }
    }
}
