package dev.tidemill.functions.model.image;

import dev.tidemill.profile.FormatException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * JPEG and PNG, by the JDK's readers. Samples are taken as they are stored: colour profiles, gamma and orientation are not applied, and
 * transparency is dropped, as Pillow's {@code open} and {@code convert} do. Of 16 bits the upper 8 count.
 */
final class ImageDecoder {

    /** Half a gigabyte as samples of three channels and the reader's own copy. */
    private static final long MOST_PIXELS = 64 << 20;

    static {
        // Nobody looks at a screen here.
        System.setProperty("java.awt.headless", "true");
    }

    private ImageDecoder() {}

    /**
     * @param object for messages
     * @param channels 1 or 3
     * @throws FormatException if it is no image, a broken or too large one
     */
    static Pixels decode(String object, byte[] bytes, int channels) throws FormatException {
        ImageReader reader = reader(object, bytes);
        try {
            reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes)), true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if ((long) width * height > MOST_PIXELS) {
                throw new FormatException(
                        object,
                        -1,
                        -1,
                        "%d × %d pixels are more than %d: make it smaller".formatted(width, height, MOST_PIXELS));
            }
            Warnings warnings = new Warnings();
            reader.addIIOReadWarningListener(warnings);
            BufferedImage image = reader.read(0);
            if (warnings.broken != null) {
                throw new FormatException(object, -1, -1, warnings.broken + ": upload it again");
            }
            int colours = image.getColorModel().getColorSpace().getType();
            if (colours != ColorSpace.TYPE_RGB && colours != ColorSpace.TYPE_GRAY) {
                throw new FormatException(
                        object,
                        -1,
                        -1,
                        "its colours are %s: convert it to RGB"
                                .formatted(colours == ColorSpace.TYPE_CMYK ? "CMYK" : "neither RGB nor grey"));
            }
            return channels == 3 ? colours(image) : grey(image);
        } catch (FormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The readers answer some broken bytes with an IndexOutOfBoundsException and the like.
            throw new FormatException(object, -1, -1, "the image cannot be decoded: " + e.getMessage());
        } finally {
            reader.dispose();
        }
    }

    private static ImageReader reader(String object, byte[] bytes) throws FormatException {
        if (bytes.length > 8 && (bytes[0] & 0xFF) == 0x89 && bytes[1] == 'P' && bytes[2] == 'N' && bytes[3] == 'G') {
            PngChunks.verify(object, bytes);
            return ImageIO.getImageReadersByFormatName("png").next();
        }
        if (bytes.length > 2 && (bytes[0] & 0xFF) == 0xFF && (bytes[1] & 0xFF) == 0xD8) {
            return ImageIO.getImageReadersByFormatName("jpeg").next();
        }
        throw new FormatException(object, -1, 0, "it is neither a JPEG nor a PNG: leave it out by spec.source.exclude");
    }

    /** A JPEG that ends early is filled up with grey, and a warning is all that is said of it. */
    private static final class Warnings implements IIOReadWarningListener {
        private @Nullable String broken;

        @Override
        public void warningOccurred(ImageReader source, String warning) {
            String said = warning.toLowerCase(Locale.ROOT);
            if (said.contains("premature") || said.contains("corrupt")) {
                broken = warning;
            }
        }
    }

    private static Pixels colours(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] samples = new byte[width * height * 3];
        int next = 0;
        int[] row = new int[width * 3];
        for (int y = 0; y < height; y++) {
            row(image, y, row);
            for (int sample : row) {
                samples[next++] = (byte) sample;
            }
        }
        return new Pixels(width, height, 3, samples);
    }

    /** By the weights of ITU-R BT.601, rounded as Pillow does. */
    private static Pixels grey(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] samples = new byte[width * height];
        int[] row = new int[width * 3];
        for (int y = 0; y < height; y++) {
            row(image, y, row);
            for (int x = 0; x < width; x++) {
                samples[y * width + x] = (byte)
                        ((row[3 * x] * 19_595 + row[3 * x + 1] * 38_470 + row[3 * x + 2] * 7_471 + 0x8000) >> 16);
            }
        }
        return new Pixels(width, height, 1, samples);
    }

    /** Red, green and blue of one row of pixels. {@code getRGB} would convert colours; only a palette is looked up by it. */
    private static void row(BufferedImage image, int y, int[] into) {
        if (image.getColorModel() instanceof IndexColorModel) {
            for (int x = 0; x < image.getWidth(); x++) {
                int colour = image.getRGB(x, y);
                into[3 * x] = colour >> 16 & 0xFF;
                into[3 * x + 1] = colour >> 8 & 0xFF;
                into[3 * x + 2] = colour & 0xFF;
            }
            return;
        }
        Raster raster = image.getRaster();
        boolean hasColours = raster.getNumBands() >= 3;
        int shift = raster.getSampleModel().getSampleSize(0) > 8 ? 8 : 0;
        for (int x = 0; x < image.getWidth(); x++) {
            for (int channel = 0; channel < 3; channel++) {
                into[3 * x + channel] = raster.getSample(x, y, hasColours ? channel : 0) >> shift;
            }
        }
    }
}
