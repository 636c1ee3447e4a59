package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.api.Json;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.local.display.Display;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill invoke}. */
@Command(
        name = "invoke",
        description = "Calls a function once and prints its reply.",
        footer = {
            "",
            "Without --data it gets function_name and function_data, its bindings. Exit status: 0 a result, 1 a failure, 2 wrong usage."
        })
final class InvokeCommand implements Callable<Integer> {

    /** Of a call that no Dataset and no declared event makes. */
    private static final String TYPE = "dev.tidemill.invoke";

    @Parameters(
            paramLabel = "function/NAME",
            description = "The Function; it must have been run from this data directory.")
    private String reference = "";

    @Option(names = "--type", description = "The event's type; ${DEFAULT-VALUE} by default.")
    private String type = TYPE;

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
        String name = Kinds.name("function", reference);
        DataDir directory = data.open();
        try (Display display = Display.forPeople();
                LocalStore store = LocalStore.embedded(directory);
                EventDesk desk = EventDesk.open(directory, store, display, (_, _) -> {})) {
            Function function = desk.function(namespace, name);
            byte[] bindings = Json.bytes(new ShardData(name, desk.bindings(function), null));
            Event event = options.event(type, bindings);
            @Nullable
            String failure = switch (desk.call(function, event)) {
                case Reply.Result result -> {
                    System.out.write(result.body(), 0, result.body().length);
                    System.out.println();
                    yield null;
                }
                case Reply.Final refused ->
                    refused.failure().reason() + ": " + refused.failure().message();
                case Reply.Transient failed -> failed.message();
                case Reply.TimedOut late -> "no answer within " + late.after().toSeconds() + " s";
                case Reply.NoCapacity none -> none.message();
            };
            if (failure != null) {
                System.err.println("tidemill: " + failure);
            }
            return failure == null ? 0 : 1;
        }
    }
}
