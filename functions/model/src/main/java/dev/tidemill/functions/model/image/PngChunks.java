package dev.tidemill.functions.model.image;

import dev.tidemill.profile.FormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Whether each chunk of a PNG is what its checksum says (PNG, third edition, section 5.3): the JDK's reader does not look. */
final class PngChunks {

    private static final int SIGNATURE = 8;
    private static final int AROUND = 12;

    private PngChunks() {}

    static void verify(String object, byte[] png) throws FormatException {
        ByteBuffer bytes = ByteBuffer.wrap(png);
        for (int at = SIGNATURE; ; ) {
            long length = png.length - at < AROUND ? -1 : Integer.toUnsignedLong(bytes.getInt(at));
            if (length < 0 || length > png.length - at - AROUND) {
                throw new FormatException(object, -1, at, "the PNG ends within a chunk: upload it again");
            }
            String type = new String(png, at + 4, 4, StandardCharsets.US_ASCII);
            CRC32 sum = new CRC32();
            sum.update(png, at + 4, 4 + (int) length);
            if ((int) sum.getValue() != bytes.getInt(at + 8 + (int) length)) {
                throw new FormatException(
                        object,
                        -1,
                        at,
                        "the PNG's chunk %s is not what its checksum says: upload it again".formatted(type));
            }
            if (type.equals("IEND")) {
                return;
            }
            at += AROUND + (int) length;
        }
    }
}
