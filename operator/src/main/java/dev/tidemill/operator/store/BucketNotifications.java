package dev.tidemill.operator.store;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ObjectStoreSpec.Dialect;
import io.minio.GetBucketNotificationArgs;
import io.minio.MinioClient;
import io.minio.SetBucketNotificationArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.messages.EventType;
import io.minio.messages.NotificationConfiguration;
import io.minio.messages.QueueConfiguration;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Has a store notify of the prefixes that somebody declared, and of no others. Rules of other targets stay as they are. */
final class BucketNotifications {

    /** So many rules a bucket at most; with more of them one for all is cheaper, and what concerns nobody is dropped here. */
    private static final int MOST_RULES = 50;

    /** A store checks a rule's target when it takes the rule: this one, under which nothing lies, finds out whether there is one. */
    private static final String NEVER = ".tidemill/notifications/";

    private static final List<EventType> EVENTS = List.of(EventType.OBJECT_CREATED_ANY, EventType.OBJECT_REMOVED_ANY);

    private final NotificationTargets targets;
    private final Map<String, Client> clients = new ConcurrentHashMap<>();

    private record Client(OpenStore store, MinioClient client) {}

    BucketNotifications(NotificationTargets targets) {
        this.targets = targets;
    }

    /** @param wanted by bucket, the prefixes; none of them covers another */
    Verdict declare(OpenStore store, Map<String, List<String>> wanted) {
        if (store.spec().dialect() == Dialect.Generic) {
            return Verdict.no(
                    StoreFinding.NOTIFICATIONS,
                    "Generic",
                    "dialect Generic declares no notifications: changes are found by listing, at each resync");
        }
        targets.ensure(store.name());
        var client = client(store);
        var stateBucket = store.spec().stateBucket();
        var buckets = new TreeSet<>(wanted.keySet());
        buckets.add(stateBucket);
        store.spec().grants().forEach(grant -> buckets.add(grant.bucket()));
        for (var bucket : buckets) {
            try {
                var prefixes = bucket.equals(stateBucket) ? List.of(NEVER) : wanted.getOrDefault(bucket, List.of());
                declare(store.name(), client, bucket, prefixes);
            } catch (ErrorResponseException e) {
                var code = Objects.requireNonNullElse(e.errorResponse().code(), "");
                if (!code.equals("NoSuchBucket")) {
                    return Verdict.no(
                            StoreFinding.NOTIFICATIONS,
                            "NoTarget",
                            "bucket " + bucket + ": " + e.getMessage() + "; " + targets.remedy(store.name()));
                }
            } catch (MinioException | IOException | GeneralSecurityException e) {
                return Verdict.unknown(
                        StoreFinding.NOTIFICATIONS, "NotAnswered", "bucket " + bucket + ": " + e.getMessage());
            }
        }
        return Verdict.yes(StoreFinding.NOTIFICATIONS, "Declared");
    }

    /** The store is no longer declared. */
    void forget(String store) {
        clients.remove(store);
    }

    private MinioClient client(OpenStore store) {
        return clients.compute(
                        store.name(),
                        (_, before) -> before != null && before.store == store
                                ? before
                                : new Client(store, StoreHttp.s3(store.config())))
                .client;
    }

    private static void declare(String store, MinioClient client, String bucket, List<String> prefixes)
            throws MinioException, IOException, GeneralSecurityException {
        var before = client.getBucketNotification(
                GetBucketNotificationArgs.builder().bucket(bucket).build());
        var arn = NotificationTargets.arn(store);
        var others = new ArrayList<QueueConfiguration>();
        var ours = new HashSet<String>();
        for (var rule : before.queueConfigurationList()) {
            if (arn.equals(rule.queue())) {
                ours.add(Objects.requireNonNullElse(prefix(rule), ""));
            } else {
                others.add(rule);
            }
        }
        var rules = rules(prefixes);
        if (ours.equals(rules)) {
            return;
        }
        for (var prefix : rules) {
            var rule = new QueueConfiguration();
            rule.setQueue(arn);
            rule.setEvents(EVENTS);
            if (!prefix.isEmpty()) {
                rule.setPrefixRule(prefix);
            }
            others.add(rule);
        }
        var changed = new NotificationConfiguration();
        changed.setQueueConfigurationList(others);
        changed.setTopicConfigurationList(before.topicConfigurationList());
        client.setBucketNotification(SetBucketNotificationArgs.builder()
                .bucket(bucket)
                .config(changed)
                .build());
    }

    private static String prefix(QueueConfiguration rule) {
        return rule.filterRuleList().stream()
                .filter(filter -> "prefix".equalsIgnoreCase(filter.name()))
                .map(filter -> filter.value())
                .findFirst()
                .orElse("");
    }

    static Set<String> rules(List<String> prefixes) {
        return prefixes.size() <= MOST_RULES
                ? new LinkedHashSet<>(prefixes)
                : Set.of(prefixes.stream().reduce(BucketNotifications::common).orElse(""));
    }

    private static String common(String a, String b) {
        var length = 0;
        while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
            length++;
        }
        return a.substring(0, a.lastIndexOf('/', length - 1) + 1);
    }
}
