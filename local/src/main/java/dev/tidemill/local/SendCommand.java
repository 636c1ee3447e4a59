package dev.tidemill.local;

import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.local.broker.Subscription;
import dev.tidemill.local.display.Display;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemill send}. */
@Command(
        name = "send",
        description = "Sends an event to the functions that declare it, and on to those that their replies wake.",
        footer = {"", "Exit status: 0 all took it, 1 one did not and it lies in the dead letters, 2 wrong usage."})
final class SendCommand implements Callable<Integer> {

    @Option(names = "--type", required = true, description = "The event's type.")
    private String type = "";

    @Option(names = "--broker", description = "Which broker; the one called ${DEFAULT-VALUE} where left out.")
    private String broker = "default";

    @Option(
            names = {"-n", "--namespace"},
            description = "Its namespace.")
    private String namespace = ResourceBook.DEFAULT_NAMESPACE;

    @Mixin
    private EventOptions options = new EventOptions();

    @Mixin
    private DataDirOption data = new DataDirOption();

    @Override
    public Integer call() throws InterruptedException {
        DataDir directory = data.open();
        AtomicInteger dead = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        try (Display display = Display.forPeople();
                LocalStore store = LocalStore.embedded(directory)) {
            DeadLetters letters = new DeadLetters(directory.deadLetters(), display);
            try (EventDesk desk = new EventDesk(
                    directory,
                    store,
                    (subscription, reply) -> {
                        taken.incrementAndGet();
                        print(subscription, reply);
                    },
                    letter -> {
                        dead.incrementAndGet();
                        letters.add(letter);
                    })) {
                desk.broker().publish(namespace, broker, options.event(type, new byte[0]));
                desk.broker().awaitIdle();
            }
            if (taken.get() + dead.get() == 0) {
                display.note("no function that was run here declares this event");
            }
        }
        return dead.get() == 0 ? 0 : 1;
    }

    static void print(Subscription subscription, Reply.Result reply) {
        synchronized (System.out) {
            System.out.println(subscription.name() + ": " + new String(reply.body(), StandardCharsets.UTF_8));
        }
    }
}
