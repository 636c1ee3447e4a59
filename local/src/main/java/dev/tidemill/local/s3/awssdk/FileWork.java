package dev.tidemill.local.s3.awssdk;

import java.io.IOException;
import java.io.UncheckedIOException;

/** File work whose {@link IOException} becomes an internal error of the endpoint. */
interface FileWork<T> {

    T run() throws IOException;

    static <T> T work(FileWork<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
