package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.dataflow.Callee;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.local.broker.Broker;
import dev.tidemill.local.broker.Broker.DeadLetter;
import dev.tidemill.local.broker.Ingress;
import dev.tidemill.local.broker.Subscription;
import dev.tidemill.local.display.Display;
import dev.tidemill.local.process.FunctionProcess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The functions that were declared here and a broker between them, without any Dataset's work: what a single call or event needs. A
 * function is started when something first comes for it.
 */
final class EventDesk implements AutoCloseable {

    private final ResourceBook book;
    private final Declarations declarations;
    private final Programs programs;
    private final HttpFunctionClient client = new HttpFunctionClient();
    private final Broker broker;
    private final Ingress ingress;
    private final Functions functions;
    private final Map<String, URI> started = new ConcurrentHashMap<>();

    /**
     * @param delivered told of each subscription that took an event, and its reply
     * @param dead told of those that did not
     */
    EventDesk(
            DataDir data,
            LocalStore store,
            BiConsumer<Subscription, Reply.Result> delivered,
            Consumer<DeadLetter> dead) {
        this.book = new ResourceBook(data, Clock.systemUTC());
        this.declarations = new Declarations(data);
        this.programs = new Programs(Installation.home(), data, store, Map.of());
        this.broker = new Broker(client, dead, delivered);
        this.ingress = new Ingress(broker);
        this.functions = new Functions(programs);
        book.list("function").stream()
                .map(Function.class::cast)
                .forEach(function ->
                        Subscriptions.of(function, () -> start(function)).forEach(broker::subscribe));
    }

    /** With dead letters in the file where {@code redrive} finds them. */
    static EventDesk open(
            DataDir data, LocalStore store, Display display, BiConsumer<Subscription, Reply.Result> delivered) {
        return new EventDesk(data, store, delivered, new DeadLetters(data.deadLetters(), display)::add);
    }

    /** @throws UsageException if it was never run here */
    Function function(String namespace, String name) {
        return book.find("function", namespace, name)
                .map(Function.class::cast)
                .orElseThrow(() -> new UsageException(
                        "there is no function/%s here: run its file once with this data directory".formatted(name)));
    }

    /** One call of one function. */
    Reply call(Function function, Event event) throws InterruptedException {
        return client.call(start(function), event, Subscriptions.patience(function));
    }

    /** What the function's bindings are, as it sees them. */
    Map<String, S3Prefix> bindings(Function function) {
        String namespace = ResourceBook.namespace(function);
        return Callee.of(namespace, function, URI.create("http://localhost/"), "", Datasets.places(book, namespace))
                .target()
                .data();
    }

    Broker broker() {
        return broker;
    }

    private URI start(Function function) {
        String namespace = ResourceBook.namespace(function);
        String name = function.metadata().name();
        return started.computeIfAbsent(namespace + "/" + name, _ -> {
            Path file = declarations.file(namespace, name);
            URI sink = ingress.address(namespace, "default");
            try {
                return functions
                        .start(namespace, function, programs.of(namespace, function, file, sink))
                        .url();
            } catch (FunctionProcess.StartFailedException e) {
                throw new UsageException(String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while starting " + name, e);
            }
        });
    }

    @Override
    public void close() {
        ingress.close();
        broker.close();
        functions.close();
        client.close();
    }
}
