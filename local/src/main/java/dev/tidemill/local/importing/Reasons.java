package dev.tidemill.local.importing;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Why fields of AWS' have no counterpart, and what to do in place of each. Keys are compared without regard to case. */
final class Reasons {

    static final String NOWHERE = "no field of Tidemill's is like it";

    private static final String GATEWAY = "there is no gateway to configure: a path leads to a function";
    private static final String SPELLING = "it says how to read this file";

    private static final Map<String, String> BY_KEY = Map.ofEntries(
            Map.entry("awstemplateformatversion", SPELLING),
            Map.entry("transform", SPELLING),
            Map.entry("frameworkversion", SPELLING),
            Map.entry("version", SPELLING),
            Map.entry("sid", "an entry of spec.data has a name of its own"),
            Map.entry("policyname", "an entry of spec.data has a name of its own"),
            Map.entry("inlinecode", "write it to the file that the annotation tidemill.dev/local names"),
            Map.entry("dockerfile", "build the image with it"),
            Map.entry("configvalidationmode", SPELLING),
            Map.entry("description", "nothing here shows it"),
            Map.entry("metadata", "it is for the tools that read this file"),
            Map.entry("globals", "every function says its own"),
            Map.entry("restapiid", GATEWAY),
            Map.entry("apiid", GATEWAY),
            Map.entry("api", GATEWAY),
            Map.entry("apigateway", GATEWAY),
            Map.entry("httpapi", GATEWAY),
            Map.entry("cors", "nothing adds headers to an answer: let the handler"),
            Map.entry("auth", "callers are those of spec.invokers"),
            Map.entry("authorizer", "callers are those of spec.invokers"),
            Map.entry("loggingconfig", "logs go where the cluster's go"),
            Map.entry("logretentionindays", "logs go where the cluster's go"),
            Map.entry("parameters", "the result has values in place of parameters"),
            Map.entry("params", "the result has values in place of parameters"),
            Map.entry("service", "each function has a name of its own; group them by a namespace"),
            Map.entry("stage", "a stage is a namespace, or a cluster"),
            Map.entry("region", "a function runs where its cluster is; the ObjectStore names the region of its data"),
            Map.entry("custom", "nothing that is carried over refers to it"),
            Map.entry("mappings", "nothing that is carried over refers to it"),
            Map.entry("eventbus", "events come from the namespace's broker: name another in spec.events.broker"),
            Map.entry("input", "a schedule calls with no data of its own: put the value in spec.env"),
            Map.entry("layers", "a layer is part of the image here: copy what is in it"),
            Map.entry("vpcconfig", "a pod is in the cluster's network: write a NetworkPolicy"),
            Map.entry("vpc", "a pod is in the cluster's network: write a NetworkPolicy"),
            Map.entry("tracing", "traces are passed on to whatever collector the cluster has"),
            Map.entry("tags", "use metadata.labels, whose characters are fewer"),
            Map.entry("deadletterqueue", "events that fail stay with their broker's dead letters"),
            Map.entry("deadletterconfig", "events that fail stay with their broker's dead letters"),
            Map.entry("eventinvokeconfig", "events are tried again as their broker says"),
            Map.entry("destinations", "answer an event, or listen to the broker's dead letters"),
            Map.entry("autopublishalias", "Knative keeps revisions, and routes to the last that is ready"),
            Map.entry(
                    "deploymentpreference",
                    "Knative routes to a revision when it is ready; there are no canaries for functions"),
            Map.entry("snapstart", "it starts from an image, and no snapshot is taken"),
            Map.entry("kmskeyarn", "take secrets from a Secret by env.valueFrom"),
            Map.entry("permissionsboundary", "the grants of the ObjectStore bound what a function opens"),
            Map.entry("functionurlconfig", "its address is status.url, for those that spec.invokers names"),
            Map.entry("functionurl", "its address is status.url, for those that spec.invokers names"),
            Map.entry("url", "its address is status.url, for those that spec.invokers names"),
            Map.entry("ephemeralstorage", "/tmp is the node's: limit it by resources of the kind ephemeral-storage"),
            Map.entry(
                    "ephemeralstoragesize", "/tmp is the node's: limit it by resources of the kind ephemeral-storage"),
            Map.entry("filesystemconfigs", "data lies in the object store: bind a prefix by spec.data"),
            Map.entry("outputs", "addresses are in each function's status.url"),
            Map.entry("conditions", "conditions are not worked out: everything is made"),
            Map.entry("condition", "conditions are not worked out: everything is made"),
            Map.entry("dependson", "resources wait for each other by themselves"),
            Map.entry("deletionpolicy", "nothing of this is made or deleted"),
            Map.entry(
                    "plugins",
                    "plugins change what is deployed: docs/reference/plugins.md says what stands for some of them"),
            Map.entry("package", "code comes as an image: choose its files there"),
            Map.entry("iamrolestatementsname", "a function's credentials have no name of their own"));

    /** Sections whose fields mostly have better reasons of their own. */
    private static final Set<String> FRAMES = Set.of("Globals", "Metadata");

    private Reasons() {}

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
