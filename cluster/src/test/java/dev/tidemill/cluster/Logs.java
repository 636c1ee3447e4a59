package dev.tidemill.cluster;

import java.util.stream.Stream;

/** What the pods of a selection say, Knative's own container apart, and what the JVM says on standard error before it starts. */
record Logs(Shell shell, String namespace, String selector) {

    private static final String CONTAINERS =
            "jsonpath={range .items[*]}{.metadata.name}{range .spec.containers[*]} {.name}{end}{\"\\n\"}{end}";

    Stream<String> lines() {
        return shell.run("kubectl", "-n", namespace, "get", "pods", "-l", selector, "-o", CONTAINERS)
                .lines()
                .map(line -> line.split(" ", -1))
                .flatMap(pod -> Stream.of(pod)
                        .skip(1)
                        .filter(container -> !container.equals("queue-proxy"))
                        .flatMap(container -> said(pod[0], container)));
    }

    /** A pod may go while it is asked, and a container may not have begun. */
    private Stream<String> said(String pod, String container) {
        return shell.attempt("kubectl", "-n", namespace, "logs", pod, "-c", container)
                .output()
                .lines()
                .filter(line -> !line.startsWith("WARNING: Using incubator modules"));
    }
}
