package dev.tidemill.functions.model.image;

/**
 * Bilinear resampling whose support grows with the reduction, so that no source pixel is skipped. It is Pillow's, to the last bit: across,
 * then down, with weights of 22 binary places and a rounding to 8 bits after each pass (Pillow's {@code Resample.c}), since models are
 * mostly trained on what that gives.
 */
final class Resize {

    private static final int PRECISION = 22;

    private Resize() {}

    static Pixels to(int width, int height, Pixels image) {
        Pixels across = width == image.width() ? image : across(width, image);
        return height == across.height() ? across : down(height, across);
    }

    /**
     * For each target pixel the source pixels that count, and how much.
     *
     * @param first source pixel of each target pixel
     * @param weights of it and those that follow
     */
    private record Taps(int[] first, int[][] weights) {

        static Taps of(int from, int to) {
            double scale = (double) from / to;
            double support = Math.max(scale, 1);
            int[] first = new int[to];
            int[][] weights = new int[to][];
            for (int target = 0; target < to; target++) {
                double center = (target + 0.5) * scale;
                int begin = Math.max((int) (center - support + 0.5), 0);
                int count = Math.min((int) (center + support + 0.5), from) - begin;
                double[] exact = new double[count];
                double sum = 0;
                for (int i = 0; i < count; i++) {
                    exact[i] = Math.max(0, 1 - Math.abs((i + begin - center + 0.5) / support));
                    sum += exact[i];
                }
                int[] rounded = new int[count];
                for (int i = 0; i < count; i++) {
                    rounded[i] = (int) (0.5 + exact[i] / sum * (1 << PRECISION));
                }
                first[target] = begin;
                weights[target] = rounded;
            }
            return new Taps(first, weights);
        }
    }

    private static Pixels across(int width, Pixels image) {
        Taps taps = Taps.of(image.width(), width);
        int channels = image.channels();
        byte[] samples = new byte[width * image.height() * channels];
        int next = 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < width; x++) {
                int[] weights = taps.weights[x];
                for (int channel = 0; channel < channels; channel++) {
                    int sum = 1 << (PRECISION - 1);
                    for (int i = 0; i < weights.length; i++) {
                        sum += image.at(taps.first[x] + i, y, channel) * weights[i];
                    }
                    samples[next++] = clipped(sum);
                }
            }
        }
        return new Pixels(width, image.height(), channels, samples);
    }

    private static Pixels down(int height, Pixels image) {
        Taps taps = Taps.of(image.height(), height);
        int channels = image.channels();
        byte[] samples = new byte[image.width() * height * channels];
        int next = 0;
        for (int y = 0; y < height; y++) {
            int[] weights = taps.weights[y];
            for (int x = 0; x < image.width(); x++) {
                for (int channel = 0; channel < channels; channel++) {
                    int sum = 1 << (PRECISION - 1);
                    for (int i = 0; i < weights.length; i++) {
                        sum += image.at(x, taps.first[y] + i, channel) * weights[i];
                    }
                    samples[next++] = clipped(sum);
                }
            }
        }
        return new Pixels(image.width(), height, channels, samples);
    }

    private static byte clipped(int sum) {
        return (byte) Math.clamp(sum >> PRECISION, 0, 255);
    }
}
