package dev.tidemill.operator.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.operator.events.Declarations.Kind;
import dev.tidemill.operator.events.Declarations.Prefix;
import dev.tidemill.operator.events.Declarations.Resource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeclarationsTest {

    private static final Resource RAW = new Resource(Kind.Dataset, "team-a", "raw");
    private static final Resource CLEAN = new Resource(Kind.Function, "team-b", "clean");

    private final Declarations declarations = new Declarations();

    private static Prefix prefix(String prefix) {
        return new Prefix("default", "lake", prefix);
    }

    @Test
    void aKeyIsHeldByItselfAndByNothingThatBeginsWithIt() {
        var model = new Resource(Kind.Model, "team-a", "digits");
        declarations.declare(model, List.of(new Prefix("s", "lake", "models/digits.pt")));
        assertThat(declarations.holding("s", "lake", "models/digits.pt")).containsExactly(model);
        assertThat(declarations.holding("s", "lake", "models/digits.pt.old")).isEmpty();
        assertThat(declarations.holding("s", "lake", "models/digits.pt/x")).isEmpty();
        assertThat(declarations.covering("s")).containsEntry("lake", List.of("models/digits.pt"));
    }

    @Test
    void aKeyConcernsWhoeverDeclaredAFolderAboveIt() {
        declarations.declare(RAW, List.of(prefix("raw/")));
        declarations.declare(CLEAN, List.of(prefix("")));

        assertThat(declarations.holding("default", "lake", "raw/2026/a.csv")).containsExactlyInAnyOrder(RAW, CLEAN);
        assertThat(declarations.holding("default", "lake", "rawest/a.csv")).containsExactly(CLEAN);
        assertThat(declarations.holding("default", "lake", "raw/")).containsExactlyInAnyOrder(RAW, CLEAN);
        assertThat(declarations.holding("default", "vault", "raw/a.csv")).isEmpty();
        assertThat(declarations.holding("other", "lake", "raw/a.csv")).isEmpty();
    }

    @Test
    void whatIsWithdrawnConcernsNobody() {
        declarations.declare(RAW, List.of(prefix("raw/")));
        declarations.declare(RAW, List.of(prefix("new/")));
        assertThat(declarations.holding("default", "lake", "raw/a.csv")).isEmpty();
        assertThat(declarations.holding("default", "lake", "new/a.csv")).containsExactly(RAW);

        declarations.withdraw(RAW);
        assertThat(declarations.holding("default", "lake", "new/a.csv")).isEmpty();
    }

    @Test
    void aStoreIsAskedAboutTheOutermostPrefixesOnly() {
        declarations.declare(RAW, List.of(prefix("raw/"), prefix("raw/2026/"), prefix("sales/")));
        declarations.declare(CLEAN, List.of(prefix("raw/2025/")));

        assertThat(declarations.covering("default").get("lake")).containsExactly("raw/", "sales/");
    }

    @Test
    void tellsOfAStoreOnlyWhenItsPrefixesChanged() {
        var told = new ArrayList<String>();
        declarations.onChange(told::add);
        declarations.declare(RAW, List.of(prefix("raw/")));
        declarations.declare(RAW, List.of(prefix("raw/")));
        declarations.declare(CLEAN, List.of(prefix("raw/")));
        declarations.withdraw(RAW);
        assertThat(told).containsExactly("default");

        declarations.withdraw(CLEAN);
        assertThat(told).containsExactly("default", "default");
    }
}
