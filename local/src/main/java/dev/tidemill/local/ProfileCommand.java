package dev.tidemill.local;

import dev.tidemill.local.report.ProfilePage;
import dev.tidemill.local.report.ProfileTable;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.Profile;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill profile}. */
@Command(
        name = "profile",
        description = "Says what files of data look like: CSV, JSON Lines, Parquet, NPY, also packed by gzip or zstd.",
        footer = {"", "Exit status: 0 done, 1 a file cannot be read, 2 wrong usage."})
final class ProfileCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "PATH|s3://BUCKET/PREFIX",
            description = {"A file, a folder, a glob, or objects of the store that AWS_ENDPOINT_URL_S3 names."})
    private String place = "";

    @Option(names = "--json", description = "One JSON object instead of a table.")
    private boolean json;

    @Option(names = "--html", paramLabel = "FILE", description = "Also writes a report with histograms.")
    private @Nullable Path html;

    @Option(names = "--threads", paramLabel = "N", description = "As many as there are processors by default.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (threads < 1) {
            throw new UsageException("--threads is 1 or more, not " + threads);
        }
        try {
            show(place.startsWith("s3://") ? ofStore() : profile(Inputs.files(place)));
            return 0;
        } catch (FormatException e) {
            System.err.println("tidemill: " + e.getMessage());
            return 1;
        }
    }

    private Profile ofStore() throws IOException, InterruptedException {
        StoreConfig config;
        try {
            config = StoreConfig.fromEnvironment(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new UsageException("no store is named: " + e.getMessage());
        }
        try (var store = Stores.connect(config)) {
            return profile(Inputs.objects(store, place));
        }
    }

    private Profile profile(List<ByteSource> sources) throws IOException, InterruptedException {
        return new ParallelProfiler(threads).profile(sources, new Format.Auto());
    }

    private void show(Profile profile) throws IOException {
        if (json) {
            System.out.println(profile.toJson());
        } else {
            System.out.printf(
                    Locale.ROOT,
                    "%,d rows, %,d columns%n",
                    profile.rows(),
                    profile.columns().size());
            System.out.print(ProfileTable.of(profile.columns(), Integer.MAX_VALUE));
        }
        if (html != null) {
            Files.write(html, ProfilePage.of(place, profile.rows(), profile.columns()));
        }
    }
}
