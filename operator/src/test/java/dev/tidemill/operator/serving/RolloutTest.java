package dev.tidemill.operator.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Conditions.Verdict;
import io.fabric8.knative.serving.v1.RevisionBuilder;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RolloutTest {

    static List<KnativeCase> cases() {
        return KnativeCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tellsWhoAnswersFromWhoIsBroughtUp(KnativeCase said) {
        var rollout = rollout(said);

        assertThat(words(rollout.serving())).isEqualTo(said.means().deployed());
        assertThat(words(rollout.newest())).isEqualTo(said.means().rolledOut());
        assertThat(rollout.active()).isEqualTo(revision(said.means().active()));
        assertThat(rollout.target()).isEqualTo(revision(said.means().target()));
    }

    @Test
    void whatAnsweredGoesOnDoingSoWhileKnativeHasNotLookedAtTheNewSpec() {
        var serves = KnativeCase.named("the first revision serves", cases());
        var unseen = service(serves, 4);
        unseen.getStatus().setObservedGeneration(3L);

        assertThat(words(Rollout.of(unseen, true, _ -> Optional.empty()).serving()))
                .isEqualTo("True Serving");
        assertThat(words(Rollout.of(unseen, true, _ -> Optional.empty()).newest()))
                .isEqualTo("Unknown Deploying");
        assertThat(words(Rollout.of(unseen, false, _ -> Optional.empty()).serving()))
                .isEqualTo("Unknown Deploying");
    }

    @Test
    void aRevisionThatIsDeletedComesUpAnew() {
        var failed = KnativeCase.named("the second revision ends at once", cases());
        var rollout = Rollout.of(service(failed, 3), true, _ -> Optional.empty());

        assertThat(words(rollout.newest())).isEqualTo("Unknown Deploying");
        assertThat(words(rollout.serving())).isEqualTo("True Serving");
    }

    @Test
    void whatHasNoAddressYetServesNobody() {
        var failed = KnativeCase.named("the second revision ends at once", cases());
        var rollout = Rollout.of(service(failed, 3), true, _ -> Optional.empty());
        assertThat(words(rollout.serving())).isEqualTo("True Serving");

        var unrouted = service(failed, 3);
        unrouted.getStatus().setAddress(null);
        assertThat(words(Rollout.of(unrouted, true, _ -> Optional.empty()).serving()))
                .isEqualTo("Unknown Deploying");
    }

    @Test
    void whatWasSaidOfADeletedRevisionIsNotOfTheOneThatIsMadeAnew() {
        var givenUp = KnativeCase.named("the second revision has waited for too long", cases());
        var anew = KnativeCase.named("the second revision is being deployed", cases());
        assertThat(words(rollout(givenUp, givenUp).newest())).startsWith("False");
        assertThat(words(rollout(givenUp, anew).newest())).isEqualTo("Unknown Deploying");
    }

    static Rollout rollout(KnativeCase said) {
        return rollout(said, said);
    }

    /** @param revised what is said of the revisions */
    private static Rollout rollout(KnativeCase said, KnativeCase revised) {
        return Rollout.of(
                service(said, 3),
                !said.isFirst(),
                name -> Optional.ofNullable(revised.revisions().get(name))
                        .map(status -> new RevisionBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .withStatus(status)
                                .build()));
    }

    private static Service service(KnativeCase said, long generation) {
        var service = new ServiceBuilder()
                .withNewMetadata()
                .withName("it-name")
                .withGeneration(generation)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withStatus(said.observed(generation));
        return said.canary() == 0
                ? service.build()
                : service.editSpec()
                        .addNewTraffic()
                        .withRevisionName("it-name-00001")
                        .withPercent(100L - said.canary())
                        .endTraffic()
                        .addNewTraffic()
                        .withLatestRevision(true)
                        .withPercent((long) said.canary())
                        .endTraffic()
                        .endSpec()
                        .build();
    }

    private static @org.jspecify.annotations.Nullable String revision(int number) {
        return number == 0 ? null : "it-name-0000" + number;
    }

    private static String words(Verdict verdict) {
        return verdict.status() + " " + verdict.reason();
    }
}
