package dev.tidemill.profile.internal.parquet;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.RowGroup;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.xerial.snappy.Snappy;

/**
 * What pages say of their sizes, looked at when their bytes come: hardwood makes an array as large as a header says, and Snappy writes as
 * much as it says itself, behind that array too. Safe for concurrent use.
 */
final class PageCheck {

    /** A page's first byte in the file, and its column. */
    private final NavigableMap<Long, ColumnChunk> pages = new TreeMap<>();

    PageCheck(Collection<RowGroup> groups) {
        for (RowGroup group : groups) {
            for (ColumnChunk chunk : group.columns()) {
                pages.put(chunk.chunkStartOffset(), chunk);
            }
        }
    }

    /**
     * Looks at the pages that begin in a range, and remembers where the one behind it begins.
     *
     * @throws IOException if one is damaged
     */
    synchronized void look(long offset, ByteBuffer range) throws IOException {
        long end = offset + range.remaining();
        List<Map.Entry<Long, ColumnChunk>> inside =
                new ArrayList<>(pages.subMap(offset, end).entrySet());
        for (Map.Entry<Long, ColumnChunk> first : inside) {
            ColumnChunk chunk = first.getValue();
            long chunkEnd = chunk.chunkStartOffset() + chunk.metaData().totalCompressedSize();
            long last = Math.min(end, chunkEnd);
            long at = first.getKey();
            while (at < last) {
                // As long as it likes: some writers put whole texts, the least and the greatest, into a page's header.
                ByteBuffer rest = range.slice((int) (at - offset), (int) (last - at));
                try {
                    PageHeader header = PageHeader.read(rest);
                    check(header, rest, chunk);
                    at += rest.position() + header.stored();
                    if (at > chunkEnd) {
                        throw new IOException("a page ends %d bytes behind its column".formatted(at - chunkEnd));
                    }
                } catch (BufferUnderflowException e) {
                    if (last == chunkEnd) {
                        throw new IOException("a page's header does not end", e);
                    }
                    break;
                }
            }
            pages.remove(first.getKey());
            if (at < chunkEnd) {
                pages.put(at, chunk);
            }
        }
    }

    /** @param rest behind the header */
    private static void check(PageHeader header, ByteBuffer rest, ColumnChunk chunk) throws IOException {
        long most = chunk.metaData().totalUncompressedSize();
        if (header.size() > most) {
            throw new IOException(
                    "a page says that it has %d bytes, and its column has %d".formatted(header.size(), most));
        }
        boolean snappy = chunk.metaData().codec() == CompressionCodec.SNAPPY && header.packed();
        int length = Math.min(rest.remaining(), header.stored()) - header.levels();
        if (snappy && header.size() > header.levels()) {
            byte[] packed = new byte[Math.clamp(length, 0, 5)];
            rest.get(rest.position() + header.levels(), packed);
            if (Snappy.uncompressedLength(packed) != header.size() - header.levels()) {
                throw new IOException("a page does not unpack to the %d bytes that it says".formatted(header.size()));
            }
        }
    }
}
