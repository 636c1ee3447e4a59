package dev.tidemill.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.store.ObjectClient.Written;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class StoreProbeTest {

    private final MemoryStore memory = new MemoryStore();

    @Test
    void findsAStoreThatIgnoresConditions() throws InterruptedException {
        StoreProbe.Result result = probe(precondition -> Precondition.NONE);

        assertThat(result.canCommit()).isFalse();
        assertThat(result.complaint())
                .isEqualTo(
                        "If-None-Match: * does not hold: in race 1 16 of 16 writers created the same object; use a store with"
                                + " conditional writes (MinIO, RustFS, Amazon S3), and no cache in front of it");
        assertThat(result.conditionalReplace().message()).contains("replaced the same version");
    }

    @Test
    void findsAStoreThatCreatesOnConditionAndReplacesWithout() throws InterruptedException {
        StoreProbe.Result result = probe(p -> p instanceof Precondition.Match ? Precondition.NONE : p);

        assertThat(result.conditionalCreate().holds()).isTrue();
        assertThat(result.conditionalReplace().holds()).isFalse();
        assertThat(result.complaint()).startsWith("If-Match does not hold");
    }

    @Test
    void findsAStoreThatLetsNobodyThrough() throws InterruptedException {
        StoreProbe.Result result =
                probe(p -> p instanceof Precondition.None ? p : new Precondition.Match("no such ETag"));

        assertThat(result.complaint()).contains("none of 16 writers was let through");
    }

    @Test
    void leavesNothingBehind() throws InterruptedException {
        assertThat(probe(UnaryOperator.identity()).complaint()).isEmpty();

        assertThat(memory.contents("b")).isEmpty();
    }

    @Test
    void concludesNothingFromAStoreThatItMayNotWrite() {
        assertThatThrownBy(() -> new StoreProbe(memory.client(), "missing", "", 1).run())
                .isInstanceOf(StoreException.NoSuchBucket.class);
    }

    /** Races a store that turns every precondition into another one. */
    private StoreProbe.Result probe(UnaryOperator<Precondition> twist) throws InterruptedException {
        memory.create("b");
        ObjectClient honest = memory.client();
        ObjectClient twisted = (ObjectClient) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ObjectClient.class}, (_, method, args) -> {
                    try {
                        return method.getReturnType() == Written.class && args[4] instanceof Precondition p
                                ? honest.put((String) args[0], (String) args[1], (byte[]) args[2], "", twist.apply(p))
                                : method.invoke(honest, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new StoreProbe(twisted, "b", "", 5).run();
    }
}
