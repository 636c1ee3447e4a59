package dev.tidemill.local.importing;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Why fields of AWS' have no counterpart, and what to do in place of each. Keys are compared without regard to case. */
final class Reasons {

    static final String NOWHERE = "no field of Tidemill's is like it";

    private static final Map<String, String> BY_KEY = Stream.of(
                    because(
                            "it says how to read this file",
                            "awstemplateformatversion",
                            "transform",
                            "frameworkversion",
                            "version",
                            "configvalidationmode"),
                    because("an entry of spec.data has a name of its own", "sid", "policyname"),
                    because("write it to the file that the annotation tidemill.dev/local names", "inlinecode"),
                    because("build the image with it", "dockerfile"),
                    because("nothing here shows it", "description"),
                    because("it is for the tools that read this file", "metadata"),
                    because("every function says its own", "globals"),
                    because(
                            "there is no gateway to configure: a path leads to a function",
                            "restapiid",
                            "apiid",
                            "api",
                            "apigateway",
                            "httpapi"),
                    because("nothing adds headers to an answer: let the handler", "cors"),
                    because("callers are those of spec.invokers", "auth", "authorizer"),
                    because("logs go where the cluster's go", "loggingconfig", "logretentionindays"),
                    because("the result has values in place of parameters", "parameters", "params"),
                    because("each function has a name of its own; group them by a namespace", "service"),
                    because("a stage is a namespace, or a cluster", "stage"),
                    because(
                            "a function runs where its cluster is; the ObjectStore names the region of its data",
                            "region"),
                    because("nothing that is carried over refers to it", "custom", "mappings"),
                    because("events come from the namespace's broker: name another in spec.events.broker", "eventbus"),
                    because("a schedule calls with no data of its own: put the value in spec.env", "input"),
                    because("a layer is part of the image here: copy what is in it", "layers"),
                    because("a pod is in the cluster's network: write a NetworkPolicy", "vpcconfig", "vpc"),
                    because("traces are passed on to whatever collector the cluster has", "tracing"),
                    because("use metadata.labels, whose characters are fewer", "tags"),
                    because(
                            "events that fail stay with their broker's dead letters",
                            "deadletterqueue",
                            "deadletterconfig"),
                    because("events are tried again as their broker says", "eventinvokeconfig"),
                    because("answer an event, or listen to the broker's dead letters", "destinations"),
                    because("Knative keeps revisions, and routes to the last that is ready", "autopublishalias"),
                    because(
                            "Knative routes to a revision when it is ready; there are no canaries for functions",
                            "deploymentpreference"),
                    because("it starts from an image, and no snapshot is taken", "snapstart"),
                    because("take secrets from a Secret by env.valueFrom", "kmskeyarn"),
                    because("the grants of the ObjectStore bound what a function opens", "permissionsboundary"),
                    because(
                            "its address is status.url, for those that spec.invokers names",
                            "functionurlconfig",
                            "functionurl",
                            "url"),
                    because(
                            "/tmp is the node's: limit it by resources of the kind ephemeral-storage",
                            "ephemeralstorage",
                            "ephemeralstoragesize"),
                    because("data lies in the object store: bind a prefix by spec.data", "filesystemconfigs"),
                    because("addresses are in each function's status.url", "outputs"),
                    because("conditions are not worked out: everything is made", "conditions", "condition"),
                    because("resources wait for each other by themselves", "dependson"),
                    because("nothing of this is made or deleted", "deletionpolicy"),
                    because(
                            "plugins change what is deployed: docs/reference/plugins.md says what stands for some of them",
                            "plugins"),
                    because("code comes as an image: choose its files there", "package"),
                    because("a function's credentials have no name of their own", "iamrolestatementsname"))
            .flatMap(Function.identity())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    /** Sections whose fields mostly have better reasons of their own. */
    private static final Set<String> FRAMES = Set.of("Globals", "Metadata");

    private Reasons() {}

    private static Stream<Map.Entry<String, String>> because(String reason, String... keys) {
        return Arrays.stream(keys).map(key -> Map.entry(key, reason));
    }

    static @Nullable String of(String key) {
        return BY_KEY.get(key.toLowerCase(java.util.Locale.ROOT));
    }

    /** Refuses every item below for which a reason is known by its key. */
    static void refuse(Item item) {
        item.fields().forEach((key, value) -> {
            String reason = of(key);
            if (reason == null || FRAMES.contains(key)) {
                refuse(value);
            }
            if (reason != null) {
                value.refused(reason);
            }
        });
        item.entries().forEach(Reasons::refuse);
    }
}
