package dev.tidemill.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs what the operator has put into Knative Services: the program of the image, as a process of this machine, with the very
 * environment of the container, its Secrets looked up.
 */
final class Pods implements AutoCloseable {

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(2);

    private final KubernetesClient client;
    private final Path logs;
    private final List<Process> processes = new ArrayList<>();

    /** @param logs a folder */
    Pods(KubernetesClient client, Path logs) {
        this.client = client;
        this.logs = logs;
        program("dataflow");
        program("model");
    }

    private static Path program(String function) {
        var jar = HOME.resolve("functions/" + function + "/target/quarkus-app/quarkus-run.jar");
        return Files.exists(jar) ? jar : abort(jar + " is not built: ./mvnw package -Dquick");
    }

    /** One pod of the service, which is ready when this returns; then it says so of the service. */
    Process start(Service service) throws IOException, InterruptedException {
        var name = service.getMetadata().getName();
        var container =
                service.getSpec().getTemplate().getSpec().getContainers().getFirst();
        var model = container.getReadinessProbe() != null;
        var log = logs.resolve(name + "-" + processes.size() + ".log");
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var command = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-jar",
                program(model ? "model" : "dataflow").toString());
        var environment = command.environment();
        for (var variable : container.getEnv()) {
            environment.put(variable.getName(), value(service, variable));
        }
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put(
                "TIDEMILL_NATIVES",
                HOME.resolve("functions/model/target/natives").toString());
        var process =
                command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        processes.add(process);
        var address = URI.create("http://127.0.0.1:" + port);
        awaitReady(
                process,
                log,
                address.resolve(
                        model ? container.getReadinessProbe().getHttpGet().getPath() : "/"));
        KnativeSays.ready(client, service, address);
        return process;
    }

    private String value(Service service, EnvVar variable) {
        if (variable.getValueFrom() == null) {
            return variable.getValue();
        }
        var reference = variable.getValueFrom().getSecretKeyRef();
        var secret = client.secrets()
                .inNamespace(service.getMetadata().getNamespace())
                .withName(reference.getName())
                .get();
        return new String(Base64.getDecoder().decode(secret.getData().get(reference.getKey())), UTF_8);
    }

    /** As the kubelet finds out: a server error is not ready. */
    private static void awaitReady(Process process, Path log, URI probe) throws IOException, InterruptedException {
        var end = System.nanoTime() + PATIENCE;
        try (var http = HttpClient.newHttpClient()) {
            while (process.isAlive() && System.nanoTime() < end) {
                try {
                    if (http.send(HttpRequest.newBuilder(probe).build(), BodyHandlers.discarding())
                                    .statusCode()
                            < 500) {
                        return;
                    }
                } catch (IOException e) {
                    // Not listening yet.
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new AssertionError(probe + " is not ready:\n" + Files.readString(log));
    }

    @Override
    public void close() throws InterruptedException {
        processes.forEach(Process::destroy);
        for (var process : processes) {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
