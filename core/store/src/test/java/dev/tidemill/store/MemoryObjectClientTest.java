package dev.tidemill.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryObjectClientTest extends ObjectClientContract {

    private final MemoryStore memory = new MemoryStore();

    @Override
    protected ObjectClient client() {
        memory.create("b");
        return memory.client();
    }

    @Test
    void losesTheReplyOfAWriteThatTookEffect() {
        ObjectClient faulty = memory.client(operation -> Fault.LOSE_REPLY);

        assertThatThrownBy(() -> put(faulty, "key")).isInstanceOf(StoreException.Unavailable.class);

        assertThat(memory.contents("b")).containsOnlyKeys("key");
    }

    @Test
    void failsBeforeAnythingIsDone() {
        ObjectClient faulty = memory.client(operation -> Fault.FAIL_BEFORE);

        assertThatThrownBy(() -> put(faulty, "key")).isInstanceOf(StoreException.Unavailable.class);

        assertThat(memory.contents("b")).isEmpty();
    }

    @Test
    void staysDeadOnceKilled() {
        ObjectClient dying = memory.client(Faults.killAt(2, true));
        put(dying, "one");

        assertThatThrownBy(() -> put(dying, "two")).isInstanceOf(Killed.class);
        assertThatThrownBy(() -> put(dying, "three")).isInstanceOf(Killed.class);

        assertThat(memory.contents("b")).containsOnlyKeys("one", "two");
    }

    @Test
    void aStaleReaderSeesWhatWasThereSomeWritesAgo() {
        ObjectClient fresh = memory.client();
        put(fresh, "one");
        put(fresh, "two");
        fresh.delete("b", List.of("one"));
        ObjectClient stale = memory.client(operation -> new Fault.Stale(2));

        assertThat(stale.list("b", "", null).objects())
                .extracting(ObjectInfo::key)
                .containsExactly("one");
        assertThat(stale.head("b", "two")).isEmpty();
        assertThat(fresh.list("b", "", null).objects())
                .extracting(ObjectInfo::key)
                .containsExactly("two");
    }

    private static void put(ObjectClient client, String key) {
        client.put("b", key, key.getBytes(UTF_8), "text/plain", Precondition.NONE);
    }
}
