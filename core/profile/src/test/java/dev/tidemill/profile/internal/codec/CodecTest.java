package dev.tidemill.profile.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class CodecTest {

    private static final byte[] TEXT = text(300_000);

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void readsEveryMemberEvenWhenTheNetworkDeliversByteByByte(Codec codec) throws IOException {
        byte[] first = Arrays.copyOf(TEXT, 100_000);
        byte[] rest = Arrays.copyOfRange(TEXT, 100_000, TEXT.length);
        byte[] packed = concat(pack(codec, first), pack(codec, new byte[0]), pack(codec, rest));

        assertThat(Codec.of(packed)).isEqualTo(codec);
        assertThat(codec.unpack(new Dribble(packed)).readAllBytes()).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void neverTakesAMissingEndForTheEndOfTheData(Codec codec) throws IOException {
        byte[] packed = pack(codec, TEXT);
        var random = new SplittableRandom(7);
        for (int i = 0; i < 50; i++) {
            int cut = i == 0 ? packed.length - 1 : random.nextInt(1, packed.length);
            assertThatThrownBy(() -> {
                        try (InputStream in = codec.unpack(new ByteArrayInputStream(packed, 0, cut))) {
                            in.readAllBytes();
                        }
                    })
                    .isInstanceOfSatisfying(
                            BrokenCodecException.class,
                            e -> assertThat(e.position()).isEqualTo(cut))
                    .hasMessageContaining("ends in");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void namesAByteWithinOneReadOfTheDamage(Codec codec) throws IOException {
        byte[] packed = pack(codec, TEXT);
        int damaged = packed.length / 2;
        Arrays.fill(packed, damaged, damaged + 64, (byte) 0xA5);
        assertThatThrownBy(() -> codec.unpack(new ByteArrayInputStream(packed)).readAllBytes())
                .isInstanceOfSatisfying(
                        BrokenCodecException.class,
                        e -> assertThat(e.position()).isCloseTo((long) damaged, within(140_000L)));
    }

    @Test
    void refusesAGzipWhoseChecksumDiffers() throws IOException {
        byte[] packed = pack(Codec.GZIP, TEXT);
        packed[packed.length - 8] ^= 1;
        assertThatThrownBy(() -> new GzipStream(new ByteArrayInputStream(packed)).readAllBytes())
                .isInstanceOf(BrokenCodecException.class)
                .hasMessageContaining("checksum (CRC-32) of the member that begins at byte 0");
    }

    @Test
    void skipsZeroPaddingAndRefusesOtherBytesAfterAMember() throws IOException {
        byte[] packed = pack(Codec.GZIP, TEXT);
        byte[] padded = Arrays.copyOf(packed, packed.length + 512);
        assertThat(new GzipStream(new ByteArrayInputStream(padded)).readAllBytes())
                .isEqualTo(TEXT);

        byte[] littered = concat(packed, "1,2\n".getBytes());
        assertThatThrownBy(() -> new GzipStream(new ByteArrayInputStream(littered)).readAllBytes())
                .isInstanceOfSatisfying(
                        BrokenCodecException.class,
                        e -> assertThat(e.position()).isEqualTo(packed.length))
                .hasMessageContaining("no gzip member here");
    }

    @Test
    void skipsNameCommentAndExtraFieldsOfTheHeader() throws IOException {
        byte[] packed = pack(Codec.GZIP, TEXT);
        byte[] header = {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9, 'n', 0, 'c', 0, 1, 2};
        byte[] body = Arrays.copyOfRange(packed, 10, packed.length);
        assertThat(new GzipStream(new ByteArrayInputStream(concat(header, body))).readAllBytes())
                .isEqualTo(TEXT);
    }

    @Test
    void plainTextHasNoCodec() {
        assertThat(Codec.of("a,b\n".getBytes())).isEqualTo(Codec.NONE);
        assertThat(Codec.of(new byte[0])).isEqualTo(Codec.NONE);
    }

    private static byte[] pack(Codec codec, byte[] plain) throws IOException {
        return switch (codec) {
            case NONE -> plain;
            case GZIP -> {
                var packed = new ByteArrayOutputStream();
                try (var gzip = new GZIPOutputStream(packed)) {
                    gzip.write(plain);
                }
                yield packed.toByteArray();
            }
            case ZSTD -> {
                var packed = new ByteArrayOutputStream();
                try (var zstd = new ZstdOutputStream(packed)) {
                    zstd.setChecksum(true);
                    zstd.write(plain);
                }
                yield packed.toByteArray();
            }
        };
    }

    private static byte[] text(int size) {
        var random = new SplittableRandom(1);
        byte[] text = new byte[size];
        for (int i = 0; i < size; i++) {
            text[i] = (byte) ('a' + random.nextInt(26));
        }
        return text;
    }

    private static byte[] concat(byte[]... pieces) {
        var all = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }

    /** One byte a read and never anything available: the worst that a socket may do. */
    private static final class Dribble extends FilterInputStream {

        Dribble(byte[] bytes) {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return super.read(target, offset, Math.min(length, 1));
        }

        @Override
        public int available() {
            return 0;
        }
    }
}
