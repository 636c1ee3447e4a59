package dev.tidemill.operator;

import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A real kube-apiserver for tests: the one that {@code KUBECONFIG} names, else one that {@code $TEST_CLUSTER/up --api-only} starts,
 * which may have to build it first. With neither the test is skipped, and {@link NotShown} says so at the end.
 */
public final class TestCluster {

    /** Seconds that a test waits for what is to be seen, before it says that it is not: others may have the machine meanwhile. */
    public static final int PATIENCE = 180;

    /** A first build takes 8.5 minutes on two cores. */
    private static final long MINUTES = 25;

    private static final Pattern ADDRESS = Pattern.compile("KUBECONFIG=(\\S+)");

    private TestCluster() {}

    public static KubernetesClient client() throws IOException, InterruptedException {
        var config = Config.fromKubeconfig(Files.readString(Path.of(Found.FOUND.kubeconfig())));
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** What comes before an operator: the four kinds, as they are in {@code k8s/crds}, and the namespace that it keeps its keys in. */
    public static void install(KubernetesClient client) throws IOException {
        var own = new NamespaceBuilder()
                .withNewMetadata()
                .withName(GoldenConfig.CONFIG.namespace())
                .endMetadata()
                .build();
        if (client.resource(own).get() == null) {
            client.resource(own).create();
        }
        try (var files = Files.list(Path.of("../k8s/crds"))) {
            for (var file : files.sorted().toList()) {
                for (var crd : read(client, file)) {
                    client.resource(crd).forceConflicts().serverSideApply();
                    awaitEstablished(client, crd);
                }
            }
        }
    }

    /** Definitions that stand for those of others; where the real ones are, they stay. */
    public static void defineIfAbsent(KubernetesClient client, String file) throws IOException {
        for (var crd : read(client, Path.of("src/test/resources", file))) {
            if (client.resource(crd).get() == null) {
                client.resource(crd).create();
            }
            awaitEstablished(client, crd);
        }
    }

    private static List<HasMetadata> read(KubernetesClient client, Path file) throws IOException {
        try (var yaml = Files.newInputStream(file)) {
            return client.load(yaml).items();
        }
    }

    private static void awaitEstablished(KubernetesClient client, HasMetadata crd) {
        client.resource(crd)
                .waitUntilCondition(
                        now -> now != null && now.toString().contains("Established"),
                        TestCluster.PATIENCE,
                        TimeUnit.SECONDS);
    }

    /** Found once in a run: whatever went wrong with it would go wrong again, and take as long. */
    private record Found(String address, String complaint) {

        private static final Found FOUND = find();

        private String kubeconfig() {
            return address.isEmpty() ? abort(complaint) : address;
        }

        private static Found find() {
            var given = System.getenv("KUBECONFIG");
            var folder = System.getenv("TEST_CLUSTER");
            if (given != null && !given.isEmpty()) {
                return new Found(given, "");
            }
            if (folder == null || folder.isEmpty()) {
                return new Found(
                        "", "no kube-apiserver: set KUBECONFIG, or TEST_CLUSTER to a folder with the command up");
            }
            try {
                return start(Path.of(folder, "up"));
            } catch (IOException e) {
                return new Found("", String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Found("", "interrupted");
            }
        }

        private static Found start(Path command) throws IOException, InterruptedException {
            // Into a file: what it leaves running would hold a pipe open.
            var log = Files.createTempFile("test-cluster", ".log");
            var up = new ProcessBuilder(command.toString(), "--api-only")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            var ended = up.waitFor(MINUTES, TimeUnit.MINUTES);
            up.destroy();
            var output = Files.readString(log);
            var address = ADDRESS.matcher(output);
            if (ended && up.exitValue() == 0 && address.find()) {
                Files.delete(log);
                return new Found(address.group(1), "");
            }
            var last = output.lines().reduce((_, line) -> line).orElse("it said nothing");
            return new Found(
                    "",
                    "%s --api-only %s: %s (all of it: %s)"
                            .formatted(command, ended ? "failed" : "was not up in " + MINUTES + " minutes", last, log));
        }
    }
}
