package dev.tidemill.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The chart on the cluster, with its own store, installed from the images of this build: once for all classes of the suite. */
final class Installation implements AutoCloseable {

    static final String NAMESPACE = "tidemill-system";

    /** May use test-data/ in the bucket lake, and read incoming/. */
    static final String OURS = "tidemill-e2e";

    /** May use neighbour/ in the bucket lake. */
    static final String NEIGHBOUR = "tidemill-e2e-neighbour";

    private static final String HANDLERS = "handlers";
    private static final String VOLUME = "tidemill-e2e";
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> DEPLOYABLES = List.of("operator", "dataflow", "lambda", "gate", "model");

    private final Cluster cluster;
    private final Map<String, String> images = new TreeMap<>();
    private final Store store;
    private final Path values;

    Installation(Cluster cluster) throws Exception {
        this.cluster = cluster;
        for (var name : DEPLOYABLES) {
            images.put(name, push(name));
        }
        values = Files.createTempFile("tidemill-values", ".yaml");
        Files.writeString(values, values());
        remove();
        for (var namespace : List.of(OURS, NEIGHBOUR)) {
            shell().run("kubectl", "create", "namespace", namespace);
        }
        volume();
        install();
        store = new Store(shell(), NAMESPACE, "tidemill-minio", "tidemill-store");
        // An ObjectStore that outlived another installation is Ready before the operator has looked at this one's
        // store.
        Await.until(() -> store.mc("stat", "store/lake").status() == 0);
    }

    static Path chart() {
        return ROOT.resolve("charts/tidemill");
    }

    static String example(String name) {
        return ROOT.resolve("k8s/examples").resolve(name).toString();
    }

    Cluster cluster() {
        return cluster;
    }

    Shell shell() {
        return cluster.shell();
    }

    Store store() {
        return store;
    }

    /** {@code kubectl} in our namespace. */
    String kubectl(String... arguments) {
        var command = new ArrayList<>(List.of("kubectl", "-n", OURS));
        command.addAll(Arrays.asList(arguments));
        return shell().run(command.toArray(String[]::new));
    }

    /** {@code kubectl apply} of that in our namespace. */
    void apply(String yaml) {
        shell().send(yaml, "kubectl", "-n", OURS, "apply", "-f", "-").orFail();
    }

    /** Installs this build, or upgrades to it; without the gate, unless more arguments say so. */
    void install(String... more) {
        var deployed = new TreeMap<>(images);
        deployed.keySet().retainAll(DEPLOYABLES);
        deployed.remove("gate");
        install(chart(), deployed, more);
    }

    /** Installs or upgrades to a chart with those images, and waits until what it brings is ready. */
    void install(Path chart, Map<String, String> from, String... more) {
        var command = new ArrayList<>(List.of("helm", "upgrade", "--install", "tidemill", chart.toString()));
        command.addAll(List.of("-n", NAMESPACE, "--create-namespace", "-f", values.toString(), "--wait"));
        from.forEach((name, image) -> command.addAll(List.of("--set", "images." + name + "=" + image)));
        command.addAll(Arrays.asList(more));
        shell().run(command.toArray(String[]::new));
        shell().run("kubectl", "wait", "--for=condition=Ready", "objectstore/default", "--timeout=180s");
    }

    /** Removes the chart. What outlives that is left. */
    void removeRelease() {
        shell().run("helm", "uninstall", "tidemill", "-n", NAMESPACE, "--wait");
    }

    /** The image of this build. */
    String image(String name) {
        return Objects.requireNonNull(images.get(name));
    }

    String operatorImage() {
        return shell().run(
                        "kubectl",
                        "-n",
                        NAMESPACE,
                        "get",
                        "deployment",
                        "tidemill-operator",
                        "-o",
                        "jsonpath={.spec.template.spec.containers[0].image}");
    }

    /** Returns when each of them is, such as {@code dataset/average}. */
    void ready(String... resources) {
        for (var resource : resources) {
            kubectl("wait", "--for=condition=Ready", resource, "--timeout=540s");
        }
    }

    /** Where a function or model answers in the cluster. */
    String url(String resource) {
        return kubectl("get", resource, "-o", "jsonpath={.status.url}");
    }

    /** Knative's gateway, that a Knative Service's name in the cluster leads to, from this machine. */
    Forward gateway(String service) {
        var host = kubectl("get", "service", service, "-o", "jsonpath={.spec.externalName}")
                .split("\\.", -1);
        return new Forward(shell(), host[1], host[0], 80);
    }

    /** The names of our namespace's pods of a selection. */
    List<String> pods(String selector) {
        return kubectl("get", "pods", "-l", selector, "-o", "name").lines().toList();
    }

    /** What they say. */
    Stream<String> logs(String selector) {
        return new Logs(shell(), OURS, selector).lines();
    }

    /** Our namespace's broker, once a resource has had it made. */
    Broker broker() {
        var address = json("broker", "default").at("/status/address");
        var audience = address.path("audience").asText();
        // Where Knative Eventing wants a token, and lets the accounts of the namespace send.
        var token = audience.isEmpty() ? "" : kubectl("create", "token", "default", "--audience", audience);
        return new Broker(shell(), address.path("url").asText(), token);
    }

    JsonNode dataset(String name) {
        return json("dataset", name);
    }

    private JsonNode json(String kind, String name) {
        return new Json(kubectl("get", kind, name, "-o", "json", "--show-managed-fields")).root();
    }

    private String values() {
        var knative = shell().run("kubectl", "get", "namespaces", "-o", "name")
                .lines()
                .map(line -> line.substring("namespace/".length()))
                .filter(name -> name.startsWith("knative-") || name.startsWith("kourier-"))
                .toList();
        return """
                knative: {namespaces: [%s]}
                operator: {storeCheck: 10s}
                objectStore:
                  bundled: {enabled: true, image: "%s", storage: 1Gi}
                  grants:
                  - name: ours
                    namespaces: {matchLabels: {kubernetes.io/metadata.name: %s}}
                    bucket: lake
                    prefix: test-data/
                    access: ReadWrite
                  - name: incoming
                    namespaces: {matchLabels: {kubernetes.io/metadata.name: %s}}
                    bucket: lake
                    prefix: incoming/
                    access: Read
                  - name: neighbour
                    namespaces: {matchLabels: {kubernetes.io/metadata.name: %s}}
                    bucket: lake
                    prefix: neighbour/
                    access: ReadWrite
                """.formatted(String.join(", ", knative), cluster.storeImage(), OURS, OURS, NEIGHBOUR);
    }

    /** A volume for the store where the cluster makes none, on this machine if that is its node. */
    private void volume() throws IOException {
        if (!shell().run("kubectl", "get", "storageclasses", "-o", "name").isBlank()) {
            return;
        }
        if (!cluster.onThisMachine()) {
            throw new AssertionError("the cluster has no storage class to make the store's volume with");
        }
        var folder = Files.createTempDirectory("tidemill-volume");
        folder.toFile().setWritable(true, false);
        folder.toFile().setReadable(true, false);
        folder.toFile().setExecutable(true, false);
        var node = shell().run(
                        "kubectl",
                        "get",
                        "nodes",
                        "-o",
                        "jsonpath={.items[0].metadata.labels.kubernetes\\.io/hostname}");
        var volume = """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %s}
                spec:
                  capacity: {storage: 1Gi}
                  accessModes: [ReadWriteOnce]
                  persistentVolumeReclaimPolicy: Retain
                  local: {path: %s}
                  nodeAffinity:
                    required:
                      nodeSelectorTerms:
                      - matchExpressions:
                        - {key: kubernetes.io/hostname, operator: In, values: ["%s"]}
                """.formatted(VOLUME, folder, node);
        shell().send(volume, "kubectl", "apply", "-f", "-").orFail();
    }

    /** Whether {@code images} was told to build it. */
    static boolean isBuilt(String name) {
        return Files.exists(tar(name));
    }

    private static Path tar(String name) {
        return ROOT.resolve("images/target").resolve(name + ".tar");
    }

    /** Pushes what {@code images} has built, under a tag that follows from its bytes: nodes pull no tag twice. */
    String push(String name) throws Exception {
        if (!isBuilt(name)) {
            throw new AssertionError(tar(name) + " is missing: ./mvnw package -Pcluster builds it");
        }
        return push(tar(name), name);
    }

    /** Pushes an image that a test lays out. */
    private String push(JibContainerBuilder layers, String name) throws Exception {
        var tar = Files.createTempFile("tidemill-" + name, ".tar");
        layers.containerize(Containerizer.to(TarImage.at(tar).named(name)));
        var pushed = push(tar, name);
        Files.delete(tar);
        return pushed;
    }

    String push(Path tar, String name) throws Exception {
        var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(tar));
        var image = cluster.registry() + "/tidemill-e2e/" + name + ":"
                + HexFormat.of().formatHex(digest).substring(0, 12);
        Jib.from(TarImage.at(tar))
                .containerize(Containerizer.to(RegistryImage.named(image)).setAllowInsecureRegistries(true));
        return image;
    }

    /** An AWS Lambda image with the handlers of the examples and of this suite. */
    synchronized String handlers() throws Exception {
        if (!images.containsKey(HANDLERS)) {
            var folders = List.of(Path.of(example("lambda")), Path.of("src/test/resources/lambda"));
            images.put(HANDLERS, push(LambdaImage.of(folders, shell()), HANDLERS));
        }
        return image(HANDLERS);
    }

    /** An image of a program of this suite. */
    synchronized String program(Class<?> program) throws Exception {
        var name = program.getSimpleName().toLowerCase(Locale.ROOT);
        if (!images.containsKey(name)) {
            images.put(name, pushProgram(program, name));
        }
        return image(name);
    }

    /** As a user would make one: it starts from our own image of the data path. */
    private String pushProgram(Class<?> program, String name) throws Exception {
        var classes = Path.of(
                program.getProtectionDomain().getCodeSource().getLocation().toURI());
        var image = "%s/tidemill-e2e/%s:%d"
                .formatted(cluster.registry(), name, Instant.now().getEpochSecond());
        Jib.from(RegistryImage.named(image("dataflow")))
                .addLayer(List.of(classes.resolve("dev")), "/program")
                .setEntrypoint("/opt/java/bin/java", "-cp", "/program:/app/lib/main/*", program.getName())
                .containerize(Containerizer.to(RegistryImage.named(image)).setAllowInsecureRegistries(true));
        return image;
    }

    @Override
    public void close() throws IOException {
        store.close();
        Files.delete(values);
        remove();
        cluster.close();
    }

    private void release(String namespace) {
        shell().run("kubectl", "-n", namespace, "get", "datasets,functions,models", "-o", "name")
                .lines()
                .forEach(left -> shell().run(
                                "kubectl",
                                "-n",
                                namespace,
                                "patch",
                                left,
                                "--type=merge",
                                "-p",
                                "{\"metadata\": {\"finalizers\": []}}"));
    }

    /** All of it, what outlives a removal included. */
    private void remove() {
        var delete = List.of("kubectl", "delete", "namespace", OURS, NEIGHBOUR, "--ignore-not-found", "--timeout=180s");
        if (shell().attempt(delete.toArray(String[]::new)).status() != 0) {
            // No operator is left to let go of what is there: a class before failed without one.
            release(OURS);
            release(NEIGHBOUR);
            shell().run(delete.toArray(String[]::new));
        }
        shell().run("helm", "uninstall", "tidemill", "-n", NAMESPACE, "--ignore-not-found", "--wait");
        shell().run("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found");
        shell().run("kubectl", "delete", "persistentvolume", VOLUME, "--ignore-not-found");
    }
}
