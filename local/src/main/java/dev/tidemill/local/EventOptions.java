package dev.tidemill.local;

import dev.tidemill.dataflow.FunctionClient.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What an event is made of on the command line. */
final class EventOptions {

    @Option(
            names = "--data",
            paramLabel = "JSON|@FILE|-",
            description = "The data: as given, of a file, or of standard input.")
    private @Nullable String data;

    @Option(names = "--content-type", paramLabel = "TYPE", description = "Of the data; ${DEFAULT-VALUE} by default.")
    private String contentType = "application/json";

    @Option(names = "--source", description = "Who it is from; ${DEFAULT-VALUE} by default.")
    private String source = "/tidemill/command";

    @Option(names = "--subject", description = "What it is about, such as an object's key.")
    private @Nullable String subject;

    @Option(names = "--id", description = "Its id; a new one by default.")
    private @Nullable String id;

    @Option(names = "--extension", paramLabel = "NAME=VALUE", description = "A further attribute.")
    private Map<String, String> extensions = new HashMap<>();

    /** @param otherwise the data where none is given */
    Event event(String type, byte[] otherwise) {
        return new Event(
                id == null ? UUID.randomUUID().toString() : id,
                source,
                type,
                subject,
                contentType,
                extensions,
                data == null ? otherwise : bytes(data));
    }

    private static byte[] bytes(String data) {
        try {
            if (data.equals("-")) {
                return System.in.readAllBytes();
            }
            return data.startsWith("@")
                    ? Files.readAllBytes(Path.of(data.substring(1)))
                    : data.getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the data: " + e, e);
        }
    }
}
