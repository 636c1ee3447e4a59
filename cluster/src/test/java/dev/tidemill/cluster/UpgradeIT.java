package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * From an earlier commit's chart and images to this build's, and away and back. The earlier one is {@code UPGRADE_FROM}, else the
 * commit that gave the chart its store.
 */
@Order(4)
@OnCluster
@DisplayName("Upgrade and removal")
class UpgradeIT {

    private final Installation tidemill;

    UpgradeIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @Order(1)
    @DisplayName("An upgrade from an earlier commit keeps live resources Ready and computes nothing again")
    void upgradeKeepsResourcesReady() throws Exception {
        var before = Path.of("target/before").toAbsolutePath();
        checkOut(before);
        tidemill.removeRelease();
        // So much the operator took then.
        tidemill.install(
                before.resolve("charts/tidemill"), images(before), "--set", "operator.resources.limits.memory=1Gi");
        tidemill.kubectl("apply", "-f", Installation.example("01-rand-data.yaml"));
        // The operator then called a Function not ready, too, that had pods waiting for room on the node.
        tidemill.ready("dataset/rand-data", "dataset/average", "function/mean");
        var average = tidemill.dataset("average");

        var seen = new ConcurrentSkipListSet<String>();
        var done = new AtomicBoolean();
        var watching = Thread.ofVirtual().start(() -> {
            while (!done.get()) {
                tidemill.kubectl("get", "datasets,functions", "-o", READY)
                        .lines()
                        .filter(line -> !line.contains(" True "))
                        .forEach(seen::add);
            }
        });
        tidemill.install();
        Await.until(Duration.ofMinutes(3), () -> serving(tidemill.image("dataflow")));
        done.set(true);
        watching.join();
        assertThat(seen).as("not Ready meanwhile").isEmpty();
        assertThat(tidemill.operatorImage()).isEqualTo(tidemill.image("operator"));
        var after = tidemill.dataset("average");
        assertThat(after.at("/status/revision")).isEqualTo(average.at("/status/revision"));
        assertThat(after.at("/status/result")).isEqualTo(average.at("/status/result"));
        assertThat(after.at("/metadata/uid")).isEqualTo(average.at("/metadata/uid"));
    }

    private static final String READY =
            "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.status.conditions[?(@.type==\"Ready\")].status}"
                    + " {.status.conditions[?(@.type==\"Ready\")].reason}{\"\\n\"}{end}";

    /** Whether a revision with that image is the one that is routed to. */
    private boolean serving(String image) {
        return tidemill.kubectl(
                        "get",
                        "services.serving.knative.dev",
                        "-o",
                        "jsonpath={range .items[*]}{.spec.template.spec.containers[0].image} {.status.conditions[?(@.type==\"Ready\")].status}{\"\\n\"}{end}")
                .lines()
                .allMatch((image + " True")::equals);
    }

    @Test
    @Order(2)
    @DisplayName("helm uninstall leaves data, ledger and resources alone, and a new installation goes on with them")
    void removalLeavesDataAlone() {
        var before = tidemill.dataset("average");
        var ledger = tidemill.store().keys("tidemill/" + Installation.OURS + "/");
        var data = tidemill.store().keys("lake/");
        assertThat(ledger).isNotEmpty();
        tidemill.removeRelease();
        assertThat(tidemill.kubectl("get", "datasets", "-o", "name")).contains("dataset.tidemill.dev/average");
        // It may have been at work on another look when it was taken away; what is committed stands.
        for (var committed : List.of("/status/revision", "/status/manifest", "/status/result")) {
            assertThat(tidemill.dataset("average").at(committed)).as(committed).isEqualTo(before.at(committed));
        }
        tidemill.install();
        tidemill.ready("dataset/average");
        assertThat(tidemill.store().keys("lake/")).containsExactlyInAnyOrderElementsOf(data);
        assertThat(tidemill.store().keys("tidemill/" + Installation.OURS + "/")).containsAll(ledger);
        assertThat(tidemill.dataset("average").at("/status/revision")).isEqualTo(before.at("/status/revision"));
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=120s");
    }

    private static void checkOut(Path folder) throws IOException {
        var git = new Shell(Map.of());
        var given = System.getenv("UPGRADE_FROM");
        var commit = given != null && !given.isBlank()
                ? given
                : git.attempt(
                                "git",
                                "log",
                                "--diff-filter=A",
                                "--format=%H",
                                "--",
                                Installation.chart() + "/templates/store.yaml")
                        .output()
                        .strip();
        assumeTrue(
                !commit.isEmpty(), "no earlier commit: this is no clone with its history, and UPGRADE_FROM names none");
        if (!Files.exists(folder)) {
            git.run("git", "clone", "--quiet", "--shared", "..", folder.toString());
        }
        git.run("git", "-C", folder.toString(), "checkout", "--quiet", "--detach", commit);
        git.run(
                folder.resolve("mvnw").toString(),
                "-q",
                "-B",
                "-f",
                folder.resolve("pom.xml").toString(),
                "-Dquick",
                "-Pimages",
                "-pl",
                "images",
                "-am",
                "package");
    }

    private Map<String, String> images(Path before) throws Exception {
        var images = new TreeMap<String, String>();
        for (var name : List.of("operator", "dataflow")) {
            images.put(name, tidemill.push(before.resolve("images/target").resolve(name + ".tar"), "before-" + name));
        }
        return images;
    }
}
