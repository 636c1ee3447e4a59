package dev.tidemill.profile.internal.parquet;

import dev.tidemill.profile.ByteSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongPredicate;

/** A store that has an object and does not answer every request for it. */
record UnsteadyStore(byte[] object, LongPredicate answers) implements ByteSource {
    @Override
    public String name() {
        return "day.parquet";
    }

    @Override
    public long size() {
        return object.length;
    }

    @Override
    public InputStream open(long offset) throws IOException {
        if (!answers.test(offset)) {
            throw new IOException("503 Slow Down");
        }
        return ByteSource.of(name(), object).open(offset);
    }
}
