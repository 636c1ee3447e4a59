package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Whatever is killed while 200 shards are worked on, the result is that of an undisturbed run. */
@Order(3)
@OnCluster
@DisplayName("Faults on a cluster")
class FaultsIT {

    private static final int SHARDS = 200;

    /** A slice whose materializer is killed is over, at the latest, when its own limit and its function's timeout have passed. */
    private static final String WORK = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: many}
            spec:
              generate: {rows: %1$d, columns: [{name: x, distribution: Uniform}], seed: 11, objects: %1$d}
              output: {bucket: lake, prefix: test-data/many/}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Function
            metadata: {name: mean}
            spec: {builtin: mean, maxConcurrency: 8, timeout: 1m}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: mean-of-many}
            spec:
              from: {dataset: many, function: mean, combine: Tree}
              partition: {scale: %1$d}
            """.formatted(SHARDS);

    private final Installation tidemill;

    FaultsIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @DisplayName(
            "Operator, data path, store, broker and kube-apiserver killed at random: nothing lost, nothing counted twice, no hand needed")
    void killedAtRandom() throws Exception {
        var seed = Long.getLong("faults.seed", Instant.now().getEpochSecond());
        var random = new Random(seed);
        var began = Instant.now();
        tidemill.apply(WORK);
        var killed = new ArrayList<String>();
        for (var victim : victims(random)) {
            if (ready("mean-of-many")) {
                break;
            }
            Thread.sleep(Duration.ofMillis(4_000 + random.nextInt(6_000)));
            killed.add(kill(victim, random));
        }
        System.out.printf("Killed with seed %d: %s%n", seed, killed);
        Await.until(Duration.ofMinutes(20), () -> ready("mean-of-many"));
        System.out.printf(
                "%d shards were done %d s after they were declared%n",
                SHARDS, Duration.between(began, Instant.now()).toSeconds());
        assertThat(killed).as("something was killed before all was done").hasSizeGreaterThan(3);
        var numbers = tidemill.store().numbers("lake", "test-data/many/");
        assertThat(numbers.count()).isEqualTo(SHARDS);
        Await.until(Duration.ofMinutes(3), () -> !rows("many").isEmpty());
        numbers.assertProfiled(tidemill.dataset("many"));
        numbers.assertMean(tidemill.dataset("mean-of-many"));
        assertThat(tidemill.dataset("mean-of-many").at("/status/items/failed").asInt())
                .isZero();
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=120s");
    }

    private enum Victim {
        Operator,
        Store,
        DataPath,
        Broker,
        ApiServer
    }

    /** Each of them twice. */
    private List<Victim> victims(Random random) {
        var victims = new ArrayList<Victim>();
        for (var time = 0; time < 2; time++) {
            victims.addAll(List.of(Victim.values()));
        }
        if (ApiServer.of(tidemill.shell()).isEmpty()) {
            victims.removeAll(Set.of(Victim.ApiServer));
        }
        Collections.shuffle(victims, random);
        return victims;
    }

    private String kill(Victim victim, Random random) throws Exception {
        return switch (victim) {
            case Operator -> pod(random, Installation.NAMESPACE, "app.kubernetes.io/component=operator");
            case Store -> pod(random, Installation.NAMESPACE, "app.kubernetes.io/component=store");
            case DataPath -> pod(random, Installation.OURS, "app.kubernetes.io/managed-by=tidemill");
            case Broker -> pod(random, brokersNamespace(), "");
            case ApiServer -> {
                ApiServer.of(tidemill.shell()).orElseThrow().killFor(Duration.ofSeconds(3));
                yield "kube-apiserver";
            }
        };
    }

    /** Of the pods that the address of our namespace's broker leads to; those that filter and hand on are beside them. */
    private String brokersNamespace() {
        var address = get("broker", "default", "{.status.address.url}");
        return address.isEmpty() ? "" : URI.create(address).getHost().split("\\.", -1)[1];
    }

    /** Without grace: as a node that dies takes it away. */
    private String pod(Random random, String namespace, String selector) {
        var shell = tidemill.shell();
        var found = shell.attempt("kubectl", "-n", namespace, "get", "pods", "-l", selector, "-o", "name");
        var pods = found.output().lines().toList();
        if (namespace.isEmpty() || found.status() != 0 || pods.isEmpty()) {
            return "nothing";
        }
        var pod = pods.get(random.nextInt(pods.size()));
        shell.attempt("kubectl", "-n", namespace, "delete", pod, "--grace-period=0", "--force", "--wait=false");
        return pod.substring("pod/".length());
    }

    /** Asked for as often as it takes: the API server may just be away. */
    private boolean ready(String dataset) {
        return get("dataset", dataset, "{.status.conditions[?(@.type==\"Ready\")].status}")
                .equals("True");
    }

    private String rows(String dataset) {
        return get("dataset", dataset, "{.status.rows}");
    }

    private String get(String kind, String name, String path) {
        var command = List.of("kubectl", "-n", Installation.OURS, "get", kind, name, "-o", "jsonpath=" + path);
        return tidemill.shell().attempt(command.toArray(String[]::new)).output();
    }
}
