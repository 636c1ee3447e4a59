package dev.tidemill.functions.model.image;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Layout;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.profile.FormatException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An input that images fill, one a row: decoded, brought to its size as torchvision's {@code Resize} and {@code CenterCrop} do, divided
 * and normalised in single precision.
 */
public final class ImageInput {

    private final ModelSpec.Tensor input;
    private final boolean channelsLast;
    private final @Nullable Integer shorterSide;
    private final int channels;
    private final int height;
    private final int width;
    private final float divisor;
    private final float[] mean;
    private final float[] std;

    private ImageInput(ModelSpec.Tensor input, ModelSpec.Image image) {
        this.input = input;
        this.channelsLast = image.layout() == Layout.ChannelsLast;
        this.shorterSide = image.shorterSide();
        int first = Math.toIntExact(input.shape().get(1));
        int second = Math.toIntExact(input.shape().get(2));
        int third = Math.toIntExact(input.shape().get(3));
        this.channels = channelsLast ? third : first;
        this.height = channelsLast ? first : second;
        this.width = channelsLast ? second : third;
        this.divisor = Float.parseFloat(image.divisor());
        this.mean = numbers(image.mean(), channels, 0);
        this.std = numbers(image.std(), channels, 1);
    }

    /** The Model's one input, if it is one that images fill. */
    public static @Nullable ImageInput of(ModelSpec spec) {
        ModelSpec.Tensor input = spec.inputs().getFirst();
        return input.image() == null ? null : new ImageInput(input, input.image());
    }

    private static float[] numbers(List<String> texts, int channels, float otherwise) {
        float[] numbers = new float[channels];
        for (int i = 0; i < channels; i++) {
            numbers[i] = texts.isEmpty() ? otherwise : Float.parseFloat(texts.get(i));
        }
        return numbers;
    }

    /** The bytes that a row of the tensor has. */
    public int rowBytes() {
        return channels * height * width * Tensor.width(input.datatype());
    }

    /**
     * Appends an image as a row.
     *
     * @param object for messages
     * @throws FormatException if it cannot be decoded
     */
    public void append(String object, byte[] bytes, ByteBuffer rows) throws FormatException {
        Pixels pixels = fit(ImageDecoder.decode(object, bytes, channels));
        if (channelsLast) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    for (int channel = 0; channel < channels; channel++) {
                        put(rows, pixels.at(x, y, channel), channel);
                    }
                }
            }
            return;
        }
        for (int channel = 0; channel < channels; channel++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    put(rows, pixels.at(x, y, channel), channel);
                }
            }
        }
    }

    private Pixels fit(Pixels image) {
        if (shorterSide == null) {
            return Resize.to(width, height, image);
        }
        int side = Objects.requireNonNull(shorterSide);
        boolean upright = image.width() <= image.height();
        int toWidth = upright ? side : (int) ((long) side * image.width() / image.height());
        int toHeight = upright ? (int) ((long) side * image.height() / image.width()) : side;
        // Python's round, which torchvision uses, takes a half to the even number.
        return Resize.to(toWidth, toHeight, image)
                .crop(
                        (int) Math.rint((toWidth - width) / 2.0),
                        (int) Math.rint((toHeight - height) / 2.0),
                        width,
                        height);
    }

    private void put(ByteBuffer rows, int sample, int channel) {
        switch (input.datatype()) {
            case UINT8 -> rows.put((byte) sample);
            case FP16 -> rows.putShort(Float.floatToFloat16(normal(sample, channel)));
            case FP32 -> rows.putFloat(normal(sample, channel));
            case FP64 -> rows.putDouble(normal(sample, channel));
            case BOOL, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BF16, BYTES ->
                throw new IllegalStateException("refused when it is declared");
        }
    }

    private float normal(int sample, int channel) {
        return (sample / divisor - mean[channel]) / std[channel];
    }

    /** Rows as the input's tensor. */
    public Tensor tensor(ByteBuffer rows, int count) {
        long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
        shape[0] = count;
        return new Tensor(input.name(), input.datatype(), shape, rows);
    }
}
