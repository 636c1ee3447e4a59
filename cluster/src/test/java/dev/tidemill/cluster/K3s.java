package dev.tidemill.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * K3s with Knative Serving and Eventing, and a registry that it pulls from, in containers of this machine. Images and Knative's
 * manifests come from the network.
 *
 * @param registry as this machine reaches it; K3s takes that name for its neighbour
 */
record K3s(Network network, GenericContainer<?> images, K3sContainer server, String registry, Path kubeconfig)
        implements AutoCloseable {

    private static final String IMAGE = "rancher/k3s:v1.34.1-k3s1";
    private static final String REGISTRY_IMAGE = "registry:2";
    private static final int REGISTRY_PORT = 5000;
    private static final String RELEASE = "https://github.com/%s/releases/download/knative-v1.18.0/%s";

    static boolean canRun() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    static K3s start() throws IOException {
        var network = Network.newNetwork();
        var images = new GenericContainer<>(DockerImageName.parse(REGISTRY_IMAGE))
                .withNetwork(network)
                .withNetworkAliases("images")
                .withExposedPorts(REGISTRY_PORT);
        images.start();
        var registry = "localhost:" + images.getMappedPort(REGISTRY_PORT);
        var mirror = """
                mirrors:
                  "%s":
                    endpoint: ["http://images:%d"]
                """.formatted(registry, REGISTRY_PORT);
        var server = new K3sContainer(DockerImageName.parse(IMAGE))
                .withNetwork(network)
                .withCopyToContainer(Transferable.of(mirror), "/etc/rancher/k3s/registries.yaml");
        server.start();
        var kubeconfig = Files.createTempFile("k3s", ".yaml");
        Files.writeString(kubeconfig, server.getKubeConfigYaml());
        knative(new Shell(Map.of("KUBECONFIG", kubeconfig.toString())), registry);
        return new K3s(network, images, server, registry, kubeconfig);
    }

    private static void knative(Shell shell, String registry) {
        apply(shell, "knative/serving", "serving-crds.yaml");
        apply(shell, "knative/serving", "serving-core.yaml");
        apply(shell, "knative-extensions/net-kourier", "kourier.yaml");
        apply(shell, "knative/eventing", "eventing-crds.yaml");
        apply(shell, "knative/eventing", "eventing-core.yaml");
        apply(shell, "knative/eventing", "in-memory-channel.yaml");
        apply(shell, "knative/eventing", "mt-channel-broker.yaml");
        configure(shell, "network", "ingress-class", "kourier.ingress.networking.knative.dev");
        // Its controller does not know the registry by that name.
        configure(shell, "deployment", "registries-skipping-tag-resolving", registry);
        for (var namespace : new String[] {"knative-serving", "kourier-system", "knative-eventing"}) {
            shell.run(
                    "kubectl",
                    "-n",
                    namespace,
                    "wait",
                    "--for=condition=Available",
                    "deployments",
                    "--all",
                    "--timeout=600s");
        }
    }

    private static void apply(Shell shell, String project, String file) {
        var address = RELEASE.formatted(project, file);
        shell.run("kubectl", "apply", "--server-side", "--force-conflicts", "-f", address);
        if (file.endsWith("-crds.yaml")) {
            shell.run("kubectl", "wait", "--for=condition=Established", "--timeout=120s", "-f", address);
        }
    }

    private static void configure(Shell shell, String config, String key, String value) {
        var patch = "{\"data\": {\"" + key + "\": \"" + value + "\"}}";
        shell.run(
                "kubectl",
                "-n",
                "knative-serving",
                "patch",
                "configmap",
                "config-" + config,
                "--type=merge",
                "-p",
                patch);
    }

    @Override
    public void close() {
        server.stop();
        images.stop();
        network.close();
    }
}
