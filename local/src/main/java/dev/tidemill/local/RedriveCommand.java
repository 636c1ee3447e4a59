package dev.tidemill.local;

import dev.tidemill.api.Dataset;
import dev.tidemill.api.Metadata;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill redrive}. */
@Command(
        name = "redrive",
        description = "Lets the next run try again what failed for good: after a bug was mended, say.")
final class RedriveCommand implements Callable<Integer> {

    @Parameters(paramLabel = "dataset/NAME", description = "The Dataset.")
    private String reference = "";

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = ResourceBook.DEFAULT_NAMESPACE,
            description = "Its namespace.")
    private String namespace = ResourceBook.DEFAULT_NAMESPACE;

    @Mixin
    private DataDirOption data = new DataDirOption();

    @Override
    public Integer call() {
        String[] parts = reference.split("/", -1);
        if (parts.length != 2 || !Kinds.of(parts[0]).equals("dataset")) {
            throw new UsageException("redrive takes dataset/NAME, not " + reference);
        }
        ResourceBook book = new ResourceBook(data.open(), Clock.systemUTC());
        Dataset dataset = book.find("dataset", namespace, parts[1])
                .map(Dataset.class::cast)
                .orElseThrow(() -> new UsageException(
                        "there is no %s here: it must have been run from this data directory".formatted(reference)));
        book.annotate(dataset, Metadata.REDRIVE, UUID.randomUUID().toString());
        System.out.println("dataset/" + parts[1] + ": failures will be tried again by the next run");
        return 0;
    }
}
