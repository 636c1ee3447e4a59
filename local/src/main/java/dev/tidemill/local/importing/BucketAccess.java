package dev.tidemill.local.importing;

import dev.tidemill.api.Access;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a role's policy statements open in S3, as prefixes with an access. Nothing is widened: a statement with a condition, a pattern
 * that is no folder or an action that is no reading and no writing of objects is refused, with the reason.
 */
final class BucketAccess {

    private static final Pattern ARN = Pattern.compile("arn:aws[a-z-]*:s3:::([^/*?]+)(?:/(.*))?");
    private static final String ELSEWHERE =
            "an ARN of S3 with one bucket is expected: a function opens prefixes that spec.data names";

    /** Policy templates of SAM's that open one bucket. */
    private static final Map<String, Access> TEMPLATES = Map.of(
            "S3ReadPolicy", Access.Read,
            "S3WritePolicy", Access.Write,
            "S3CrudPolicy", Access.ReadWrite,
            "S3FullAccessPolicy", Access.ReadWrite);

    private final Expressions expressions;
    private final List<Grant> grants = new ArrayList<>();

    BucketAccess(Expressions expressions) {
        this.expressions = expressions;
    }

    /**
     * A place that is opened.
     *
     * @param prefix null where the bucket itself is meant, for listing
     */
    private record Grant(String bucket, @Nullable String prefix, Access access, List<Value> from) {}

    /** A prefix and everything that the statements open there. */
    record Opened(String bucket, String prefix, Access access, List<Value> from) {}

    /** What a SAM policy template opens, or false if it is none of S3's. */
    boolean template(String name, Item arguments) {
        Access access = TEMPLATES.get(name);
        Item named = arguments.get("BucketName");
        if (access == null || named == null) {
            return false;
        }
        Value bucket = expressions.value(named);
        if (bucket.text() == null) {
            named.refused(bucket.why());
        } else {
            grants.add(new Grant(bucket.text(), "", access, List.of(bucket)));
        }
        return true;
    }

    /** A policy document, or a statement, or a list of them. */
    void statements(Item given) {
        Item item = expressions.behind(given);
        Item inside = item.get("Statement");
        if (inside != null) {
            statements(inside);
        } else if (!item.entries().isEmpty()) {
            item.entries().forEach(this::statements);
        } else if (item.get("Effect") != null || item.get("Action") != null) {
            statement(item);
        }
    }

    private void statement(Item item) {
        Item effect = item.get("Effect");
        Item actions = item.get("Action");
        Item resources = item.get("Resource");
        if (effect == null || !effect.text().equals("Allow")) {
            item.refused("a denial: what spec.data does not name is shut anyway, so name less there");
        } else if (item.get("Condition") != null) {
            item.refused("it holds under a condition only, and spec.data knows none");
        } else if (actions == null || resources == null) {
            item.refused("only statements with Action and Resource are understood");
        } else if (list(actions).stream().noneMatch(this::concernsBuckets)) {
            item.refused("functions open prefixes of the store, named in spec.data, and nothing else of AWS'");
        } else {
            allow(effect, list(actions), list(resources));
        }
    }

    private static List<Item> list(Item item) {
        return item.entries().isEmpty() ? List.of(item) : item.entries();
    }

    private void allow(Item effect, List<Item> actions, List<Item> resources) {
        var targets = new ArrayList<Grant>();
        for (Item resource : resources) {
            Value value = expressions.value(resource);
            Optional<Grant> target = value.text() == null ? Optional.empty() : target(value.text(), value);
            target.ifPresentOrElse(
                    targets::add, () -> resource.refused(value.text() == null ? value.why() : reason(value.text())));
        }
        boolean opens = false;
        for (Item action : actions) {
            Value value = expressions.value(action);
            Access access = access(String.valueOf(value.text()));
            if (access == null) {
                action.refused(
                        value.text() == null
                                ? value.why()
                                : "%s is more, or other, than reading and writing objects".formatted(value.text()));
                continue;
            }
            for (Grant target : targets) {
                opens = true;
                var from = new ArrayList<>(target.from());
                from.add(value);
                from.add(Value.of(effect));
                grants.add(new Grant(target.bucket(), target.prefix(), access, from));
            }
        }
        if (!opens) {
            Stream.concat(Stream.of(effect), Stream.concat(actions.stream(), resources.stream()))
                    .forEach(item -> item.refused("nothing that this statement allows is carried over"));
        }
    }

    private boolean concernsBuckets(Item action) {
        String text = expressions.value(action).text();
        return text == null || text.startsWith("s3:") || text.equals("*");
    }

    private static Optional<Grant> target(String arn, Value from) {
        Matcher parts = ARN.matcher(arn);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String key = parts.group(2);
        if (key == null) {
            return Optional.of(new Grant(parts.group(1), null, Access.Read, List.of(from)));
        }
        String prefix = key.equals("*") ? "" : key.endsWith("/*") ? key.substring(0, key.length() - 1) : null;
        return prefix == null || prefix.matches("(?s).*[*?].*")
                ? Optional.empty()
                : Optional.of(new Grant(parts.group(1), prefix, Access.Read, List.of(from)));
    }

    private static String reason(String arn) {
        return arn.equals("*")
                ? "every bucket: name the prefixes that it works on in spec.data"
                : ARN.matcher(arn).matches() ? "no folder: spec.data opens whole prefixes that end with /" : ELSEWHERE;
    }

    private static @Nullable Access access(String action) {
        if (action.equals("s3:*")) {
            return Access.ReadWrite;
        }
        return action.matches(
                        "s3:(Get|Head)Object(Version)?(Attributes|Tagging)?|s3:GetObject\\*|s3:Get\\*|s3:List(Bucket|BucketVersions|\\*)")
                ? Access.Read
                : action.matches(
                                "s3:(Put|Delete)(Object(Version)?(Tagging)?)?\\*?|s3:(PutObject|DeleteObject)\\*?|s3:AbortMultipartUpload|s3:ListMultipartUploadParts")
                        ? Access.Write
                        : null;
    }

    /** All of it, one entry a prefix; a bucket that may only be listed is no prefix, and is refused. */
    List<Opened> opened() {
        SequencedMap<String, Opened> opened = new LinkedHashMap<>();
        grants.stream()
                .filter(grant -> grant.prefix() != null)
                .forEach(grant -> opened.merge(
                        grant.bucket() + "/" + grant.prefix(),
                        new Opened(grant.bucket(), String.valueOf(grant.prefix()), grant.access(), grant.from()),
                        BucketAccess::both));
        for (Grant grant : grants) {
            if (grant.prefix() == null) {
                String inBucket = opened.sequencedKeySet().stream()
                        .filter(key -> key.startsWith(grant.bucket() + "/"))
                        .findFirst()
                        .orElse(null);
                if (inBucket == null) {
                    grant.from()
                            .forEach(value -> value.from()
                                    .forEach(item -> item.refused(
                                            "a bucket that may be listed and not read: spec.data has no such access")));
                } else {
                    opened.computeIfPresent(
                            inBucket,
                            (_, there) -> new Opened(
                                    there.bucket(),
                                    there.prefix(),
                                    there.access(),
                                    joined(there.from(), grant.from())));
                }
            }
        }
        return List.copyOf(opened.values());
    }

    private static Opened both(Opened one, Opened other) {
        Access access = one.access() == other.access() ? one.access() : Access.ReadWrite;
        return new Opened(one.bucket(), one.prefix(), access, joined(one.from(), other.from()));
    }

    private static List<Value> joined(List<Value> one, List<Value> other) {
        var all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }
}
