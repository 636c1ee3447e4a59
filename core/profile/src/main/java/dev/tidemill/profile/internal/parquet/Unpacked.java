package dev.tidemill.profile.internal.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.hardwood.metadata.CompressionCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import org.xerial.snappy.Snappy;

/** Pages unpacked (Parquet's Compression.md). */
final class Unpacked {

    static final Set<CompressionCodec> CODECS = Set.of(
            CompressionCodec.UNCOMPRESSED,
            CompressionCodec.SNAPPY,
            CompressionCodec.GZIP,
            CompressionCodec.ZSTD,
            CompressionCodec.LZ4_RAW);

    private Unpacked() {}

    /**
     * Unpacks what is left of a buffer over an array.
     *
     * @param into gets {@code size} bytes from {@code at} on
     * @throws IOException if it is damaged or comes to another size
     */
    static void unpack(CompressionCodec codec, ByteBuffer from, byte[] into, int at, int size) throws IOException {
        byte[] packed = from.array();
        int start = from.arrayOffset() + from.position();
        int length = from.remaining();
        int unpacked;
        try {
            unpacked = switch (codec) {
                case UNCOMPRESSED -> {
                    System.arraycopy(packed, start, into, at, Math.min(length, size));
                    yield length;
                }
                // asked first: it writes as much as it says itself
                case SNAPPY ->
                    Snappy.uncompressedLength(packed, start, length) == size
                            ? Snappy.uncompress(packed, start, length, into, at)
                            : -1;
                case GZIP -> {
                    try (var gzip = new GZIPInputStream(new ByteArrayInputStream(packed, start, length))) {
                        int read = gzip.readNBytes(into, at, size);
                        yield gzip.read() < 0 ? read : -1;
                    }
                }
                case ZSTD -> (int) Zstd.decompressByteArray(into, at, size, packed, start, length);
                case LZ4_RAW ->
                    LZ4Factory.fastestInstance().safeDecompressor().decompress(packed, start, length, into, at, size);
                case LZO, BROTLI, LZ4 -> throw new IllegalArgumentException(codec + " is not for these pages");
            };
        } catch (ZstdException | LZ4Exception e) {
            throw new IOException(e.getMessage(), e);
        }
        if (unpacked != size) {
            throw new IOException("it does not unpack to the %d bytes that it says".formatted(size));
        }
    }
}
