package dev.tidemill.operator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver for tests: the one that {@code KUBECONFIG} names, else one that {@code $TEST_CLUSTER/up --api-only} starts.
 * With neither the test is skipped, and {@link NotShown} says so at the end.
 */
final class TestCluster {

    private static final Pattern ADDRESS = Pattern.compile("KUBECONFIG=(\\S+)");

    private TestCluster() {}

    static KubernetesClient client() throws IOException, InterruptedException {
        var file = kubeconfig();
        assumeTrue(file != null, "no kube-apiserver: set KUBECONFIG, or TEST_CLUSTER to a folder with up and down");
        var config = Config.fromKubeconfig(Files.readString(Path.of(file)));
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static @Nullable String kubeconfig() throws IOException, InterruptedException {
        var given = System.getenv("KUBECONFIG");
        var folder = System.getenv("TEST_CLUSTER");
        if (given != null && !given.isEmpty() || folder == null || folder.isEmpty()) {
            return given == null || given.isEmpty() ? null : given;
        }
        var up = new ProcessBuilder(Path.of(folder, "up").toString(), "--api-only")
                .redirectErrorStream(true)
                .start();
        var output = new String(up.getInputStream().readAllBytes());
        var address = ADDRESS.matcher(output);
        if (up.waitFor() != 0 || !address.find()) {
            throw new IOException(folder + "/up --api-only failed: " + output);
        }
        return address.group(1);
    }
}
