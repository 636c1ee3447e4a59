package dev.tidemill.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The cluster that is tested: the one in {@code KUBECONFIG}, else the one that {@code $TEST_CLUSTER/up} starts, which is stopped in
 * the end if it did not run before, else {@link K3s} where this machine has a Docker engine.
 *
 * @param shell knows its KUBECONFIG
 * @param registry takes images from here and gives them to the nodes: {@code TEST_REGISTRY}, or what {@code up} prints
 * @param storeImage of MinIO: {@code TEST_STORE_IMAGE}, else that of a Deployment called minio
 * @param end takes away what was started for the suite
 */
record Cluster(Shell shell, String registry, String storeImage, Runnable end) implements AutoCloseable {

    /** Why there is none, and how to have one; empty when there is. */
    static Optional<String> missing() {
        if (variable("KUBECONFIG").isPresent()) {
            return variable("TEST_REGISTRY").isPresent()
                    ? missingProgram()
                    : Optional.of("TEST_REGISTRY names no registry that this machine and the cluster's nodes reach");
        }
        if (variable("TEST_CLUSTER").isPresent()) {
            return Optional.empty();
        }
        if (!K3s.canRun()) {
            return Optional.of(
                    "no cluster: set KUBECONFIG and TEST_REGISTRY, or TEST_CLUSTER to a folder with up and down, or start a Docker engine");
        }
        return variable("TEST_STORE_IMAGE").isPresent()
                ? missingProgram()
                : Optional.of("TEST_STORE_IMAGE names no image of MinIO for K3s");
    }

    private static Optional<String> missingProgram() {
        var shell = new Shell(Map.of());
        return Stream.of("kubectl", "helm", "mc")
                .filter(program -> !shell.has(program))
                .map(program -> program + " is not on the PATH")
                .findFirst();
    }

    static Cluster find() throws IOException {
        var given = variable("KUBECONFIG");
        if (given.isPresent()) {
            var shell = shell(given.get(), "");
            return new Cluster(shell, variable("TEST_REGISTRY").orElseThrow(), storeImage(shell), () -> {});
        }
        if (variable("TEST_CLUSTER").isEmpty()) {
            var k3s = K3s.start();
            var shell = shell(k3s.kubeconfig().toString(), "");
            return new Cluster(shell, k3s.registry(), storeImage(shell), k3s::close);
        }
        var folder = Path.of(variable("TEST_CLUSTER").orElseThrow()).toRealPath();
        var own = new Shell(Map.of());
        var running = own.run(folder.resolve("status").toString()).contains("registry");
        var up = own.attempt(folder.resolve("up").toString());
        if (up.status() != 0) {
            // What a failed start leaves behind may look as if it ran.
            own.run(folder.resolve("down").toString());
            up = own.attempt(folder.resolve("up").toString());
        }
        var said = up.orFail().output();
        var shell = shell(find(said, "KUBECONFIG=(\\S+/state/\\S+)"), find(said, "programs +(\\S+)") + ":");
        return new Cluster(shell, find(said, "registry +(\\S+)"), storeImage(shell), () -> {
            if (!running) {
                own.run(folder.resolve("down").toString());
            }
        });
    }

    private static Shell shell(String kubeconfig, String programs) {
        return new Shell(Map.of("KUBECONFIG", kubeconfig, "PATH", programs + System.getenv("PATH")));
    }

    private static String storeImage(Shell shell) {
        return variable("TEST_STORE_IMAGE").orElseGet(() -> {
            var found = shell.attempt(
                    "kubectl",
                    "get",
                    "deployments",
                    "--all-namespaces",
                    "-o",
                    "jsonpath={.items[?(@.metadata.name==\"minio\")].spec.template.spec.containers[0].image}");
            if (found.output().isBlank()) {
                throw new AssertionError("TEST_STORE_IMAGE names no image of MinIO");
            }
            return found.output().split(" ", -1)[0];
        });
    }

    /** Whether the node is this machine, whose processes and folders are those of the pods. */
    boolean onThisMachine() {
        var nodes = shell.json("kubectl", "get", "nodes", "-o", "json").path("items");
        try {
            return nodes.size() == 1
                    && nodes.get(0)
                            .at("/status/nodeInfo/bootID")
                            .textValue()
                            .equals(Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                                    .strip());
        } catch (IOException e) {
            return false;
        }
    }

    /** What somebody would look at who wants to know why. */
    String describe() {
        var all = new StringBuilder();
        for (var look : new String[] {
            "kubectl get objectstores,datasets,functions,ksvc,pods -A",
            "kubectl get datasets -A -o yaml",
            "kubectl get events -A --field-selector=type=Warning --sort-by=.lastTimestamp",
            "kubectl -n tidemill-system logs deploy/tidemill-operator --tail=30"
        }) {
            var seen = shell.attempt(look.split(" ", -1));
            all.append("$ ").append(look).append('\n').append(seen.output()).append(seen.errors());
        }
        return all.toString();
    }

    private static String find(String text, String pattern) {
        var matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("up printed no " + pattern + ": " + text);
        }
        return matcher.group(1);
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    @Override
    public void close() {
        end.run();
    }
}
