package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The installed store as a foreign client sees it: {@code mc}, over {@code kubectl port-forward}. */
final class Store implements AutoCloseable {

    private static final Pattern LOST = Pattern.compile("Connection closed by foreign host|connection refused|EOF");

    private final Shell shell;
    private final String namespace;
    private final String secret;
    private final Forward forward;

    /** @param secret with accessKey and secretKey of its owner */
    Store(Shell shell, String namespace, String service, String secret) {
        this.shell = shell;
        this.namespace = namespace;
        this.secret = secret;
        this.forward = new Forward(shell, namespace, service, 9000);
    }

    /** {@code mc} as the store's owner; its paths begin with {@code store/}. */
    Shell.Result mc(String... arguments) {
        return mcAs(namespace, secret, "", arguments);
    }

    /** Puts an object. */
    void put(String path, String content) {
        mcAs(namespace, secret, content, "pipe", "store/" + path).orFail();
    }

    /** {@code mc} with the keys of a Secret, over a new connection when the old one led to a pod that has gone. */
    Shell.Result mcAs(String secretNamespace, String secretName, String input, String... arguments) {
        var result = attempt(secretNamespace, secretName, input, arguments);
        if (result.status() == 0
                || !LOST.matcher(result.output() + result.errors()).find()) {
            return result;
        }
        forward.close();
        return attempt(secretNamespace, secretName, input, arguments);
    }

    private Shell.Result attempt(String secretNamespace, String secretName, String input, String... arguments) {
        var command = new ArrayList<>(List.of("mc", "--quiet"));
        command.addAll(Arrays.asList(arguments));
        var keys = shell.json("kubectl", "-n", secretNamespace, "get", "secret", secretName, "-o", "json")
                .path("data");
        var host = "http://%s:%s@%s"
                .formatted(
                        decode(keys.path("accessKey").asText()),
                        decode(keys.path("secretKey").asText()),
                        forward.address());
        return shell.with("MC_HOST_store", host).send(input, command.toArray(String[]::new));
    }

    private static String decode(String value) {
        return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
    }

    /** What an object holds. */
    String cat(String path) {
        return mc("cat", "store/" + path).orFail().output();
    }

    /** The numbers in the objects that an output names as current, one in each. */
    Numbers numbers(String bucket, String prefix) {
        return Numbers.of(current(bucket, prefix)
                .map(content -> {
                    var lines = content.lines().toList();
                    assertThat(lines).hasSize(2).first().isEqualTo("x");
                    return new BigDecimal(lines.getLast());
                })
                .toList());
    }

    /** The rows of JSON in the objects that an output names as current. */
    Stream<JsonNode> rows(String bucket, String prefix) {
        return current(bucket, prefix).flatMap(String::lines).map(line -> new Json(line).root());
    }

    private Stream<String> current(String bucket, String prefix) {
        var current = new Json(cat(bucket + "/" + prefix + "_tidemill/current.json")).root();
        return StreamSupport.stream(current.path("objects").spliterator(), false)
                .map(object -> cat(bucket + "/" + object.path("key").asText()));
    }

    /** The keys below a prefix, without it. */
    List<String> keys(String prefix) {
        return mc("ls", "--recursive", "--json", "store/" + prefix)
                .orFail()
                .output()
                .lines()
                .map(line -> new Json(line).text("/key"))
                .toList();
    }

    @Override
    public void close() {
        forward.close();
    }
}
