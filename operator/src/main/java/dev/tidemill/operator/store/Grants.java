package dev.tidemill.operator.store;

import dev.tidemill.api.ObjectStoreSpec;
import dev.tidemill.api.ObjectStoreSpec.Grant;
import dev.tidemill.api.ObjectStoreSpec.Requirement;
import dev.tidemill.api.ObjectStoreSpec.Selector;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the platform administrator lets one namespace use of one store. Nothing is allowed that no grant names. */
public final class Grants {

    private final String store;
    private final String namespace;
    private final List<Opening> openings;

    private Grants(String store, String namespace, List<Opening> openings) {
        this.store = store;
        this.namespace = namespace;
        this.openings = openings;
    }

    /** The grants of the store whose selector matches the namespace's labels. */
    public static Grants of(String store, ObjectStoreSpec spec, String namespace, Map<String, String> labels) {
        var openings = spec.grants().stream()
                .filter(grant -> matches(grant.namespaces(), labels))
                .filter(grant -> !grant.bucket().equals(spec.stateBucket()))
                .map(Grants::opening)
                .toList();
        return new Grants(store, namespace, openings);
    }

    public List<Opening> openings() {
        return openings;
    }

    /** Says what is missing for the first opening that no grant covers, and how to grant it; empty when all are covered. */
    public Optional<String> refusal(Collection<Opening> wanted) {
        return wanted.stream()
                .filter(opening -> openings.stream().noneMatch(granted -> granted.covers(opening)))
                .findFirst()
                .map(opening ->
                        "no grant of ObjectStore %s gives namespace %s %s: ask the platform administrator to add one to its spec.grants"
                                .formatted(store, namespace, opening));
    }

    private static Opening opening(Grant grant) {
        return new Opening(grant.bucket(), grant.prefix(), grant.access());
    }

    private static boolean matches(Selector selector, Map<String, String> labels) {
        return selector.matchLabels().entrySet().stream()
                        .allMatch(wanted -> wanted.getValue().equals(labels.get(wanted.getKey())))
                && selector.matchExpressions().stream().allMatch(requirement -> holds(requirement, labels));
    }

    /** As Kubernetes has it: NotIn holds for a label that is not there. */
    private static boolean holds(Requirement requirement, Map<String, String> labels) {
        var value = labels.get(requirement.key());
        return switch (requirement.operator()) {
            case In -> value != null && requirement.values().contains(value);
            case NotIn -> value == null || !requirement.values().contains(value);
            case Exists -> value != null;
            case DoesNotExist -> value == null;
        };
    }
}
