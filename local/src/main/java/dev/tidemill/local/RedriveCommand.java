package dev.tidemill.local;

import dev.tidemill.api.Dataset;
import dev.tidemill.api.Metadata;
import dev.tidemill.local.broker.Broker.DeadLetter;
import dev.tidemill.local.display.Display;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill redrive}. */
@Command(name = "redrive", description = "Tries again what failed for good: after a bug was mended, say.")
final class RedriveCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "dataset/NAME|deadletters",
            description = "The Dataset, or every event that no function took: those are sent again now.")
    private String reference = "";

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = ResourceBook.DEFAULT_NAMESPACE,
            description = "Its namespace.")
    private String namespace = ResourceBook.DEFAULT_NAMESPACE;

    @Mixin
    private DataDirOption data = new DataDirOption();

    @Override
    public Integer call() throws InterruptedException {
        return reference.equals("deadletters") ? deadLetters(data.open()) : dataset(Kinds.name("dataset", reference));
    }

    /** A letter is out of the file only while it is on its way; whoever does not take it again writes it down with the new reason. */
    private static int deadLetters(DataDir directory) throws InterruptedException {
        AtomicInteger taken = new AtomicInteger();
        int failed = 0;
        try (Display display = Display.forPeople();
                LocalStore store = LocalStore.embedded(directory)) {
            DeadLetters letters = new DeadLetters(directory.deadLetters(), display);
            try (EventDesk desk = new EventDesk(directory, store, (_, _) -> taken.incrementAndGet(), letters::add)) {
                List<DeadLetter> all = letters.takeAll();
                for (DeadLetter letter : all) {
                    if (!desk.broker().redeliver(letter)) {
                        letters.add(letter);
                    }
                }
                desk.broker().awaitIdle();
                letters.delivered();
                failed = letters.count();
            }
        }
        System.out.println("%d events were taken, %d are left".formatted(taken.get(), failed));
        return failed == 0 ? 0 : 1;
    }

    private int dataset(String name) {
        ResourceBook book = new ResourceBook(data.open(), Clock.systemUTC());
        Dataset dataset = book.find("dataset", namespace, name)
                .map(Dataset.class::cast)
                .orElseThrow(() -> new UsageException(
                        "there is no %s here: it must have been run from this data directory".formatted(reference)));
        book.annotate(dataset, Metadata.REDRIVE, UUID.randomUUID().toString());
        System.out.println("dataset/" + name + ": failures will be tried again by the next run");
        return 0;
    }
}
