package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Functions behind the gate, with the images of this build and tokens of the cluster. */
@Order(3)
@OnCluster
@DisplayName("The gate on a cluster")
class GateIT {

    private static final String WORK = """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: pipeline}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: gated-data}
            spec:
              generate: {rows: 100, columns: [{name: x, distribution: Uniform}], seed: 7, objects: 4}
              output: {bucket: lake, prefix: test-data/gated/}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Function
            metadata: {name: gated}
            spec:
              builtin: mean
              invokers: [{serviceAccount: pipeline}]
              maxConcurrency: 2
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: gated-average}
            spec:
              from: {dataset: gated-data, function: gated, combine: Tree}
              partition: {scale: 4}
            """;

    private final Installation tidemill;

    @SuppressWarnings("NullAway.Init")
    private String asker;

    GateIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @BeforeAll
    void made() throws Exception {
        tidemill.install("--set", "images.gate=" + tidemill.image("gate"));
        asker = tidemill.pushProgram(Asker.class);
    }

    @AfterAll
    void left() {
        tidemill.kubectl("delete", "dataset/gated-average", "dataset/gated-data", "function/gated", "--timeout=180s");
        tidemill.install();
    }

    @Test
    @DisplayName(
            "The materializer's shards get through; a caller without a token gets 401, one that is not declared 403")
    void onlyWhoIsDeclaredGetsThrough() {
        tidemill.apply(WORK);
        tidemill.ready("dataset/gated-average");
        assertThat(tidemill.dataset("gated-average").at("/status/result/count").asInt())
                .isEqualTo(100);
        var url = tidemill.kubectl("get", "function", "gated", "-o", "jsonpath={.status.url}");
        assertThat(status("nobody", url, "")).isEqualTo(401);
        assertThat(status("stranger", url, token("default"))).isEqualTo(403);
        // The built-in function wants an event, which is its own affair: the gate has let the caller through.
        assertThat(status("invoker", url, token("pipeline"))).isNotIn(401, 403, 503);
    }

    private String token(String account) {
        return tidemill.kubectl(
                "create", "token", account, "--audience", "tidemill.dev/" + Installation.OURS + "/gated");
    }

    private int status(String name, String url, String token) {
        var environment = token.isEmpty() ? "--env=NO=TOKEN" : "--env=TOKEN=" + token;
        tidemill.kubectl("run", name, "--image=" + asker, "--restart=Never", environment, "--", url, "{}", "1");
        tidemill.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/" + name, "--timeout=300s");
        var answer = new Json(tidemill.kubectl("logs", name)).root();
        tidemill.kubectl("delete", "pod/" + name, "--timeout=120s");
        return answer.path("status").asInt();
    }
}
