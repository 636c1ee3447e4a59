package dev.tidemill.local;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Profiles many sources on all processors: a big one by all of them together, small ones one by each. */
final class ParallelProfiler {

    /** From this size on a source keeps several processors busy. */
    private static final long BIG = 64L << 20;

    private final int threads;

    ParallelProfiler(int threads) {
        this.threads = threads;
    }

    Profile profile(List<ByteSource> sources, Format format) throws IOException, InterruptedException {
        Profile.Sum whole = new Profile.Sum();
        List<ByteSource> small = new ArrayList<>();
        for (ByteSource source : sources) {
            if (sources.size() == 1 || source.size() >= BIG) {
                whole.add(new Profiler(threads).profile(source, format));
            } else {
                small.add(source);
            }
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<Profile>> parts = small.stream()
                    .map(source -> executor.submit(() -> new Profiler(1).profile(source, format)))
                    .toList();
            try {
                for (Future<Profile> part : parts) {
                    whole.add(part.get());
                }
            } catch (ExecutionException e) {
                executor.shutdownNow();
                throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
            }
        }
        return whole.profile();
    }
}
