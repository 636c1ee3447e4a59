package dev.tidemill.profile.internal.parquet;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.Encoding;
import dev.hardwood.metadata.Statistics;
import dev.hardwood.schema.ColumnSchema;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.parquet.NumberPage.Place;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Queue;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The data pages of a column over row groups, in their order, read and unpacked one after the other. What hardwood would make arrays of
 * stays as the file has it, a tenth of the bytes; only for columns that {@linkplain #canRead are simple}.
 */
final class NumberPages {

    private static final Set<Encoding> ENCODINGS = EnumSet.of(
            Encoding.PLAIN, Encoding.PLAIN_DICTIONARY, Encoding.RLE_DICTIONARY, Encoding.RLE, Encoding.BIT_PACKED);

    /** The level of no value, and of one. */
    private static final float[] PRESENT = {0, 1};

    /** What a column has in a row group. */
    private record Part(RowGroupBytes bytes, ColumnChunk chunk, long rows) {
        long end() {
            return chunk.chunkStartOffset() + chunk.metaData().totalCompressedSize();
        }
    }

    private final String file;
    private final ColumnSchema column;
    private final NumberType type;
    private final PageMemory memory;
    private final Queue<Part> parts = new ArrayDeque<>();

    private @Nullable Part part;
    /** Of the part, from {@code at} on. */
    private ByteBuffer ready = ByteBuffer.allocate(0);

    private long at;
    private long rowsLeft;
    private float @Nullable [] dictionary;
    /** What is counted of {@link #memory}: the last page, and the dictionary. */
    private long pageTakes;

    private long dictionaryTakes;

    /** @param file its name for messages */
    NumberPages(String file, ColumnSchema column, NumberType type, PageMemory memory) {
        this.file = file;
        this.column = column;
        this.type = type;
        this.memory = memory;
    }

    /** Whether a column has a number in each row of a row group, laid down in a way that is known here. */
    static boolean canRead(ColumnSchema column, ColumnChunk chunk) {
        ColumnMetaData data = chunk.metaData();
        Statistics statistics = data.statistics();
        boolean all = column.maxDefinitionLevel() == 0
                || column.maxDefinitionLevel() == 1
                        && statistics != null
                        && Long.valueOf(0).equals(statistics.nullCount());
        return all
                && column.maxRepetitionLevel() == 0
                && Unpacked.CODECS.contains(data.codec())
                && ENCODINGS.containsAll(data.encodings());
    }

    void add(RowGroupBytes bytes, ColumnChunk chunk, long rows) {
        parts.add(new Part(bytes, chunk, rows));
    }

    /** The next page, which has values; null at the end. */
    @Nullable
    NumberPage next() throws IOException {
        while (true) {
            Part current = part;
            if (current == null || rowsLeft == 0) {
                current = parts.poll();
                part = current;
                ready = ByteBuffer.allocate(0);
                dictionary = null;
                memory.take(-dictionaryTakes);
                dictionaryTakes = 0;
                if (current == null) {
                    return null;
                }
                at = current.chunk().chunkStartOffset();
                rowsLeft = current.rows();
            }
            NumberPage page = page(current, new Place(file, column.fieldPath().toString(), at));
            if (page != null && page.count() > 0) {
                return page;
            }
        }
    }

    /** The page at {@code at}; null where it has no data. */
    private @Nullable NumberPage page(Part from, Place place) throws IOException {
        try {
            need(from, (int) Math.min(PageHeader.LONGEST, from.end() - at), place);
            int begin = ready.position();
            PageHeader header = PageHeader.read(ready);
            at += ready.position() - begin;
            need(from, header.stored(), place);
            ByteBuffer body = ready.slice(ready.position(), header.stored());
            ready.position(ready.position() + header.stored());
            at += header.stored();
            if (!ready.hasRemaining()) {
                ready = ByteBuffer.allocate(0);
            }
            return switch (header.type()) {
                case DATA, DATA_V2 -> data(from, header, unpacked(from, header, body), place);
                case DICTIONARY -> {
                    ByteBuffer values = unpacked(from, header, body);
                    if ((long) header.values() * type.bytes() > header.size()) {
                        throw place.broken(
                                "a dictionary of %d values has %d bytes".formatted(header.values(), header.size()));
                    }
                    dictionaryTakes += (long) header.values() * Float.BYTES;
                    memory.take((long) header.values() * Float.BYTES);
                    dictionary = new float[header.values()];
                    type.read(values, 0, header.values(), dictionary, 0, 1);
                    yield null;
                }
                case INDEX -> null;
            };
        } catch (BufferUnderflowException e) {
            throw place.broken("the column ends in its header");
        } catch (SourceFile.SourceFailure | FormatException e) {
            throw e;
        } catch (IOException | IndexOutOfBoundsException e) {
            throw place.broken(e.getMessage());
        }
    }

    private void need(Part from, int bytes, Place place) throws IOException {
        if (bytes > from.end() - at) {
            throw place.broken("it has %d bytes and the column ends after %d".formatted(bytes, from.end() - at));
        }
        int have = ready.remaining();
        if (bytes > have) {
            ByteBuffer more = from.bytes().read(at + have, bytes - have, from.end());
            ready = have == 0
                    ? more
                    : ByteBuffer.allocate(have + more.remaining())
                            .put(ready)
                            .put(more)
                            .flip();
        }
    }

    /** Levels and values, with some bytes behind them. */
    private ByteBuffer unpacked(Part from, PageHeader header, ByteBuffer body) throws IOException {
        if (header.crc() != null) {
            CRC32 crc = new CRC32();
            crc.update(body.duplicate());
            if ((int) crc.getValue() != header.crc()) {
                throw new IOException("its checksum is another one");
            }
        }
        ColumnMetaData chunk = from.chunk().metaData();
        if (header.size() > chunk.totalUncompressedSize()) {
            throw new IOException("it says that it has %d bytes, and its column has %d"
                    .formatted(header.size(), chunk.totalUncompressedSize()));
        }
        memory.take(header.size() - pageTakes);
        pageTakes = header.size();
        byte[] bytes = new byte[header.size() + NumberPage.SLACK];
        int levels = header.levels();
        body.get(bytes, 0, levels);
        if (header.size() > levels) {
            Unpacked.unpack(
                    header.packed() ? chunk.codec() : CompressionCodec.UNCOMPRESSED,
                    body,
                    bytes,
                    levels,
                    header.size() - levels);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private NumberPage data(Part from, PageHeader header, ByteBuffer bytes, Place place) throws IOException {
        int count = header.values();
        if (count > rowsLeft) {
            throw place.broken("it has %d values and its row group %d rows more".formatted(count, rowsLeft));
        }
        rowsLeft -= count;
        int size = header.size();
        int values = header.levels();
        if (column.maxDefinitionLevel() > 0) {
            boolean first = header.type() == PageHeader.Type.DATA;
            int levels = first ? Integer.BYTES : 0;
            if (first) {
                values = levels + Math.clamp(bytes.getInt(0), 0, Math.max(0, size - levels));
            }
            if (!new NumberCursor(new NumberPage(place, bytes, levels, values, count, type, 1, PRESENT)).areAll(1)) {
                throw place.broken("a value is missing, and the footer says that none is");
            }
        }
        return switch (header.encoding()) {
            case PLAIN -> new NumberPage(place, bytes, values, size, count, type, 0, null);
            case DICTIONARY -> {
                float[] known = dictionary;
                int width = values < size ? bytes.get(values) : -1;
                if (known == null || width < 0 || width > Integer.SIZE) {
                    throw place.broken(
                            known == null
                                    ? "there is no dictionary before it"
                                    : "an index of %d bits".formatted(width));
                }
                yield new NumberPage(place, bytes, values + 1, size, count, type, width, known);
            }
            case OTHER -> throw place.broken("it is encoded in a way that the footer does not name");
        };
    }
}
