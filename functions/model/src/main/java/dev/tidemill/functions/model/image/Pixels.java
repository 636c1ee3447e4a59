package dev.tidemill.functions.model.image;

/**
 * An image, 8 bits for each channel.
 *
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param samples row by row from the top, pixel by pixel from the left, channel by channel
 */
record Pixels(int width, int height, int channels, byte[] samples) {

    int at(int x, int y, int channel) {
        return samples[(y * width + x) * channels + channel] & 0xFF;
    }

    /** What lies in a rectangle of it. */
    Pixels crop(int left, int top, int cropWidth, int cropHeight) {
        byte[] cut = new byte[cropWidth * cropHeight * channels];
        for (int y = 0; y < cropHeight; y++) {
            System.arraycopy(
                    samples,
                    ((top + y) * width + left) * channels,
                    cut,
                    y * cropWidth * channels,
                    cropWidth * channels);
        }
        return new Pixels(cropWidth, cropHeight, channels, cut);
    }
}
