package dev.tidemill.operator.serving;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.operator.KnativeReadiness;
import io.fabric8.knative.pkg.apis.Condition;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.TrafficTarget;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What Knative's word on a service means for who calls it. Knative calls a service ready when its <em>newest</em> revision is; requests
 * are answered, by the one before, also while that one waits, starts or fails. The two are told apart here.
 *
 * @param serving whether requests are answered
 * @param newest whether the newest revision gets those that it is to get, and what keeps it from that
 * @param active the revision that answers
 * @param target the one that is brought up, or tried
 * @param url where it answers
 */
public record Rollout(
        Verdict serving,
        Verdict newest,
        @Nullable String active,
        @Nullable String target,
        @Nullable String url) {

    /** The condition that says whether requests are answered. */
    public static final String DEPLOYED = "Deployed";

    /** The condition that says whether the newest revision does so. */
    public static final String ROLLED_OUT = "RolledOut";

    public static final String WAITING = "WaitingForCapacity";

    /** What Knative's Route calls the revision that answers: whoever calls it so is answered by no other one, whatever share that gets. */
    public static final String ACTIVE = "active";

    /** What Knative's Revision says when its time was over without any container having ended. */
    private static final String TIMED_OUT = "ProgressDeadlineExceeded";

    /** What Knative's Route calls a revision that it routes to and that is not ready. */
    private static final String REVISION_MISSING = "RevisionMissing";

    /** Whether what answers is older than what is declared. */
    public boolean behind() {
        return serving.status() == Status.True && newest.status() != Status.True;
    }

    /** The same, while Knative could not be told yet of what is declared. */
    public Rollout awaiting(Verdict why) {
        return new Rollout(
                serving, new Verdict(ROLLED_OUT, why.status(), why.reason(), why.message()), active, target, url);
    }

    /** The same, of a newest revision whose pods crash while Knative still waits for them. */
    Rollout crashing(LastWords words) {
        return with(Verdict.no(ROLLED_OUT, words.reason(), "revision " + target + ": " + words.message()));
    }

    /** The same, of one whose pods fit on no node. */
    Rollout waiting(String scheduler) {
        return with(Verdict.unknown(ROLLED_OUT, WAITING, "no node fits: revision " + target + ": " + scheduler));
    }

    /** The same, of one that no node was found for when it was last looked at: Knative forgets that when it gives it up. */
    Rollout stillWaiting(String before) {
        return with(Verdict.unknown(ROLLED_OUT, WAITING, before));
    }

    /** Whether Knative has not found the newest revision to be broken, only not to have become ready in time. */
    boolean timedOut() {
        return newest.status() == Status.False && newest.reason().equals(TIMED_OUT);
    }

    private Rollout with(Verdict ofNewest) {
        return new Rollout(active == null ? as(DEPLOYED, ofNewest) : serving, ofNewest, active, target, url);
    }

    /**
     * @param served whether requests were answered when it was last looked at: they are until Knative says that they are not
     * @param revisions finds a revision; asked only of one that is in trouble, for Knative tells the cause there and nowhere else
     */
    public static Rollout of(Service service, boolean served, Function<String, Optional<Revision>> revisions) {
        var status = service.getStatus();
        var created = status == null ? null : status.getLatestCreatedRevisionName();
        var active = active(service);
        var target = Objects.equals(active, created) ? null : created;
        var url = status == null || status.getAddress() == null
                ? null
                : status.getAddress().getUrl();
        var ready = KnativeReadiness.verdict(DEPLOYED, service);
        if (ready.status() == Status.True) {
            return new Rollout(ready, tried(service, active, target), active, target, url);
        }
        var asked = new HashMap<String, Optional<Revision>>();
        Function<String, Optional<Revision>> once = name -> asked.computeIfAbsent(name, revisions);
        var newest = newest(service, ready, created, once);
        // A first revision is up for a moment before there is an address to call it by.
        var serving = url == null ? as(DEPLOYED, newest) : serving(service, served, newest, active, once);
        return new Rollout(serving, newest, active, target, url);
    }

    /** That which the others' share is kept for while a newer one is tried; else that which Knative routes most requests to. */
    public static @Nullable String active(Service service) {
        var status = service.getStatus();
        return declared(service).stream()
                .map(TrafficTarget::getRevisionName)
                .filter(Objects::nonNull)
                .findFirst()
                .or(() -> routed(service).stream()
                        .max(Comparator.comparing(part -> Objects.requireNonNullElse(part.getPercent(), 0L)))
                        .map(TrafficTarget::getRevisionName))
                .orElse(status == null ? null : status.getLatestReadyRevisionName());
    }

    /** Those that may be asked: the active one, and whatever Knative routes to beside it. */
    public static Set<String> answering(Service service) {
        return Stream.concat(
                        Stream.ofNullable(active(service)),
                        routed(service).stream().map(TrafficTarget::getRevisionName))
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /** Where the active revision answers alone, and which one it is; empty before Knative says so of one. */
    public static Optional<TrafficTarget> alone(Service service) {
        var found = routed(service).stream()
                .filter(part -> ACTIVE.equals(part.getTag()) && part.getUrl() != null)
                .toList();
        // Several while Knative shifts requests from one to the other little by little.
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private static List<TrafficTarget> routed(Service service) {
        return service.getStatus() == null
                ? List.of()
                : Objects.requireNonNullElse(service.getStatus().getTraffic(), List.of());
    }

    private static List<TrafficTarget> declared(Service service) {
        return Objects.requireNonNullElse(service.getSpec().getTraffic(), List.of());
    }

    private static Verdict tried(Service service, @Nullable String active, @Nullable String target) {
        return target == null
                ? Verdict.yes(ROLLED_OUT, "Serving")
                : declared(service).stream()
                        .filter(part -> Boolean.TRUE.equals(part.getLatestRevision()))
                        .findFirst()
                        .map(part -> new Verdict(
                                ROLLED_OUT,
                                Status.True,
                                "Canary",
                                "revision %s gets %d of a hundred requests and %s the others; spec.canaryPercent 0 gives it all"
                                        .formatted(target, part.getPercent(), active)))
                        .orElseGet(() -> Verdict.yes(ROLLED_OUT, "Serving"));
    }

    private static Verdict newest(
            Service service, Verdict ready, @Nullable String created, Function<String, Optional<Revision>> revisions) {
        var configuration = KnativeReadiness.condition(service, "ConfigurationsReady");
        if (!KnativeReadiness.isObserved(service) || configuration.isEmpty() || isTrue(configuration.get())) {
            return capacity(as(ROLLED_OUT, ready));
        }
        var said = KnativeReadiness.verdict(ROLLED_OUT, service, configuration.get());
        if (said.status() != Status.False) {
            return said;
        }
        if (created == null) {
            return capacity(said);
        }
        return revisions.apply(created).filter(Rollout::isDecided).isEmpty()
                ? Verdict.unknown(ROLLED_OUT, "Deploying", "revision " + created + " is made anew")
                : trouble(ROLLED_OUT, created, revisions).orElseGet(() -> capacity(said));
    }

    /** One that is deleted Knative makes anew, as long as it is the newest; what was said of the one before is not of that. */
    private static boolean isDecided(Revision revision) {
        return revision.getMetadata().getDeletionTimestamp() == null
                && ready(revision)
                        .filter(condition -> !"Unknown".equals(condition.getStatus()))
                        .isPresent();
    }

    private static Optional<Condition> ready(Revision revision) {
        return KnativeReadiness.condition(revision, "Ready");
    }

    private static Verdict serving(
            Service service,
            boolean served,
            Verdict newest,
            @Nullable String active,
            Function<String, Optional<Revision>> revisions) {
        var route = KnativeReadiness.condition(service, "RoutesReady")
                .filter(_ -> KnativeReadiness.isObserved(service))
                .orElse(null);
        if (active == null) {
            // None was ever ready: the Route knows of none, and the Configuration knows why.
            return as(DEPLOYED, newest);
        }
        if (route == null || "Unknown".equals(route.getStatus())) {
            return served ? Verdict.yes(DEPLOYED, "Serving") : as(DEPLOYED, newest);
        }
        if (isTrue(route)) {
            return Verdict.yes(DEPLOYED, "Serving");
        }
        var said = KnativeReadiness.verdict(DEPLOYED, service, route);
        if (!REVISION_MISSING.equals(route.getReason())) {
            return said;
        }
        // It may be another one that is missing. And Knative counts a revision as failed for good when a container of
        // its only pod has ended once, though it was started again, and when one more pod is refused, though others
        // answer.
        var found = revisions.apply(active);
        if (found.isEmpty()) {
            return said;
        }
        var answers = Verdict.yes(DEPLOYED, "Serving");
        return found.filter(Rollout::hasPods).isPresent()
                ? answers
                : trouble(DEPLOYED, active, revisions).orElse(answers);
    }

    /** Whether it answers without having to start one. */
    private static boolean hasPods(Revision revision) {
        return revision.getStatus() != null
                && Objects.requireNonNullElse(revision.getStatus().getActualReplicas(), 0) > 0;
    }

    /** In the words of the revision, whose reason is the pod's. */
    private static Optional<Verdict> trouble(String type, String name, Function<String, Optional<Revision>> revisions) {
        return revisions
                .apply(name)
                .flatMap(Rollout::ready)
                .filter(condition -> "False".equals(condition.getStatus()))
                .map(condition -> capacity(Verdict.no(
                        type,
                        Objects.requireNonNullElse(condition.getReason(), "RevisionFailed"),
                        "revision " + name + ": " + Objects.requireNonNullElse(condition.getMessage(), "failed"))));
    }

    /** A pod that fits on no node is waited for. The scheduler words it so, and Knative passes it on. */
    private static Verdict capacity(Verdict said) {
        return said.reason().equals("Unschedulable") || said.message().contains("nodes are available")
                ? Verdict.unknown(said.type(), WAITING, "no node fits: " + said.message())
                : said;
    }

    private static Verdict as(String type, Verdict verdict) {
        return new Verdict(type, verdict.status(), verdict.reason(), verdict.message());
    }

    private static boolean isTrue(Condition condition) {
        return "True".equals(condition.getStatus());
    }
}
