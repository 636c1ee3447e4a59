package dev.tidemill.local;

import dev.tidemill.api.Condition;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.local.report.Cells;
import dev.tidemill.local.report.ProfileTable;
import dev.tidemill.profile.Profile;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What came of a Dataset, for a person. */
final class DatasetSummary {

    private static final int MOST_COLUMNS = 40;

    private DatasetSummary() {}

    static void print(String name, DatasetStatus status, ObjectClient store, PrintStream out) {
        out.println();
        Condition ready = Condition.find(status.conditions(), Condition.READY);
        if (ready == null || !ready.holds()) {
            out.printf(
                    "dataset/%s is not ready%s%n",
                    name, ready == null ? "" : ": " + ready.reason() + ": " + ready.message());
            return;
        }
        out.println("dataset/" + name + " is ready: " + figures(status));
        Condition degraded = Condition.find(status.conditions(), Condition.DEGRADED);
        if (degraded != null && degraded.holds()) {
            out.println("but " + degraded.message());
        }
        if (status.result() != null) {
            out.println(status.result());
        } else if (status.resultObject() != null) {
            out.println("its result is " + status.resultObject());
        }
        profile(status.profile(), store)
                .ifPresent(profile -> out.print(ProfileTable.of(profile.columns(), MOST_COLUMNS)));
    }

    private static String figures(DatasetStatus status) {
        StringBuilder text = new StringBuilder("revision " + status.revision());
        if (status.objects() != null) {
            text.append(String.format(
                    Locale.ROOT, status.objects() == 1 ? ", %,d object" : ", %,d objects", status.objects()));
        }
        if (status.bytes() != null) {
            text.append(", ").append(Cells.bytes(status.bytes()));
        }
        if (status.rows() != null) {
            text.append(String.format(Locale.ROOT, status.rows() == 1 ? ", %,d row" : ", %,d rows", status.rows()));
        }
        DatasetStatus.Items items = status.items();
        if (items != null && items.failed() > 0) {
            text.append(String.format(
                    Locale.ROOT, items.failed() == 1 ? ", %,d shard failed" : ", %,d shards failed", items.failed()));
        }
        return text.toString();
    }

    private static Optional<Profile> profile(@Nullable String address, ObjectClient store) {
        if (address == null || !address.startsWith("s3://")) {
            return Optional.empty();
        }
        int slash = address.indexOf('/', "s3://".length());
        try (var body = store.get(
                address.substring("s3://".length(), slash),
                address.substring(slash + 1),
                ObjectClient.ReadOptions.ALL)) {
            return Optional.of(Profile.fromBytes(body.stream().readAllBytes()));
        } catch (StoreException.NoSuchKey _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
