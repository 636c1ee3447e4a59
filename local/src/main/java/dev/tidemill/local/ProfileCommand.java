package dev.tidemill.local;

import dev.tidemill.local.report.DriftTable;
import dev.tidemill.local.report.ProfilePage;
import dev.tidemill.local.report.ProfileTable;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.ColumnDrift;
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

    @Option(
            names = "--against",
            paramLabel = "PATH|s3://BUCKET/PREFIX",
            description = "Says how far each column has moved from this reference instead.")
    private @Nullable String against;

    @Option(
            names = "--threshold",
            paramLabel = "PSI",
            description =
                    "With --against: the population stability index from which on a column has drifted; 0.2 by default.")
    private double threshold = 0.2;

    @Option(names = "--threads", paramLabel = "N", description = "As many as there are processors by default.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (threads < 1) {
            throw new UsageException("--threads is 1 or more, not " + threads);
        }
        try {
            Profile profile = profile(place);
            if (against == null) {
                show(profile);
            } else {
                compare(profile(against), profile);
            }
            return 0;
        } catch (FormatException e) {
            System.err.println("tidemill: " + e.getMessage());
            return 1;
        }
    }

    private Profile profile(String of) throws IOException, InterruptedException {
        return of.startsWith("s3://") ? ofStore(of) : profile(Inputs.files(of));
    }

    private Profile ofStore(String objects) throws IOException, InterruptedException {
        StoreConfig config;
        try {
            config = StoreConfig.fromEnvironment(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new UsageException("no store is named: " + e.getMessage());
        }
        try (var store = Stores.connect(config)) {
            return profile(Inputs.objects(store, objects));
        }
    }

    private Profile profile(List<ByteSource> sources) throws IOException, InterruptedException {
        return new ParallelProfiler(threads).profile(sources, new Format.Auto());
    }

    private void compare(Profile reference, Profile live) {
        if (html != null) {
            throw new UsageException("--html shows a profile, and --against compares two: leave one of them out");
        }
        List<ColumnDrift> drift = reference.driftTo(live);
        if (json) {
            System.out.println(DriftTable.json(live.rows(), reference.rows(), drift, threshold));
        } else {
            System.out.printf(Locale.ROOT, "%,d rows against %,d%n", live.rows(), reference.rows());
            System.out.print(DriftTable.of(drift, threshold));
        }
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
