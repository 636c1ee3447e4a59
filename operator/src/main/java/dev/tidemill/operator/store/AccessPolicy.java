package dev.tidemill.operator.store;

import dev.tidemill.api.Access;
import dev.tidemill.api.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Openings as an IAM policy document, the language of MinIO and of AWS alike. */
final class AccessPolicy {

    private static final List<String> READ = List.of("s3:GetObject");
    private static final List<String> WRITE =
            List.of("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts");

    private AccessPolicy() {}

    /** The document for these openings, without those that others cover, in an order of its own: equal rights give equal text. */
    static String document(Collection<Opening> openings) {
        var statements = new ArrayList<Map<String, Object>>();
        for (var opening : least(openings)) {
            statements.add(Map.of(
                    "Effect", "Allow",
                    "Action", actions(opening),
                    "Resource", List.of(arn(opening.bucket() + "/" + opening.prefix()) + "*")));
            if (opening.access() != Access.Write) {
                statements.add(listing(opening));
            }
        }
        return Json.text(sorted(Map.of(
                "Version",
                "2012-10-17",
                "Statement",
                statements.stream().map(AccessPolicy::sorted).toList())));
    }

    private static List<Opening> least(Collection<Opening> openings) {
        return openings.stream()
                .distinct()
                .filter(opening ->
                        openings.stream().noneMatch(other -> !other.equals(opening) && other.covers(opening)))
                .sorted(Comparator.comparing(Opening::bucket)
                        .thenComparing(Opening::prefix)
                        .thenComparing(Opening::access))
                .toList();
    }

    private static List<String> actions(Opening opening) {
        return switch (opening.access()) {
            case Read -> READ;
            case Write -> WRITE;
            case ReadWrite -> {
                var both = new ArrayList<>(READ);
                both.addAll(WRITE);
                yield both;
            }
        };
    }

    /** Listing is a right on the bucket; the condition keeps it to the prefix. */
    private static Map<String, Object> listing(Opening opening) {
        var statement = new LinkedHashMap<String, Object>();
        statement.put("Effect", "Allow");
        statement.put("Action", List.of("s3:ListBucket"));
        statement.put("Resource", List.of(arn(opening.bucket())));
        if (!opening.prefix().isEmpty()) {
            statement.put(
                    "Condition", Map.of("StringLike", Map.of("s3:prefix", List.of(literal(opening.prefix()) + "*"))));
        }
        return statement;
    }

    private static String arn(String resource) {
        return "arn:aws:s3:::" + literal(resource);
    }

    /** A prefix may hold what a policy takes for a wildcard or a variable. */
    private static String literal(String text) {
        return text.replace("$", "${$}").replace("*", "${*}").replace("?", "${?}");
    }

    private static Map<String, Object> sorted(Map<String, Object> object) {
        return new java.util.TreeMap<>(object);
    }
}
