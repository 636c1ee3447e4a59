package dev.tidemill.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tidemill.api.Json;
import dev.tidemill.api.Resource;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill get}: what {@code kubectl get} shows on a cluster. */
@Command(name = "get", description = "Shows resources as they were last run.")
final class GetCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "KIND", description = "datasets, functions, models or objectstores.")
    private String kind = "";

    @Parameters(index = "1", paramLabel = "NAME", arity = "0..1", description = "One of them.")
    private @Nullable String name;

    @Option(
            names = {"-n", "--namespace"},
            description = "Only those of this namespace.")
    private @Nullable String namespace;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "wide|yaml|json",
            description = "More columns, or everything.")
    private Output output = Output.TABLE;

    @Mixin
    private DataDirOption data = new DataDirOption();

    enum Output {
        TABLE,
        WIDE,
        YAML,
        JSON
    }

    @Override
    public Integer call() throws IOException {
        String wanted = Kinds.of(kind);
        List<Resource> found = new ResourceBook(data.open(), Clock.systemUTC())
                .list(wanted).stream()
                        .filter(resource ->
                                name == null || resource.metadata().name().equals(name))
                        .filter(resource -> namespace == null
                                || ResourceBook.namespace(resource).equals(namespace))
                        .toList();
        if (name != null && found.isEmpty()) {
            System.err.println("tidemill: there is no " + wanted + "/" + name + " here");
            return 1;
        }
        switch (output) {
            case TABLE, WIDE -> System.out.print(ResourceTable.of(found, output == Output.WIDE));
            case JSON -> System.out.println(document(found).toPrettyString());
            case YAML ->
                System.out.print(YAMLMapper.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                        .build()
                        .writeValueAsString(document(found)));
        }
        return 0;
    }

    private JsonNode document(List<Resource> found) {
        ObjectMapper json = Json.mapper().enable(SerializationFeature.INDENT_OUTPUT);
        if (name != null) {
            return document(found.getFirst(), json);
        }
        var list = json.createObjectNode();
        list.put("apiVersion", "v1").put("kind", "List");
        var items = list.putArray("items");
        for (Resource resource : found) {
            items.add(document(resource, json));
        }
        return list;
    }

    /** In the order in which kubectl shows it. */
    private static ObjectNode document(Resource resource, ObjectMapper json) {
        ObjectNode whole = json.valueToTree(resource);
        ObjectNode ordered = json.createObjectNode();
        ordered.put("apiVersion", Resource.API_VERSION);
        ordered.set("kind", whole.get("kind"));
        return ordered.setAll(whole);
    }
}
