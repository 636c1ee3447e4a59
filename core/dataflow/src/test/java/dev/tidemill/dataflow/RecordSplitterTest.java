package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.DataFormat;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.dataflow.internal.shards.Piece;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordSplitterTest {

    private final ObjectClient store = new MemoryStore().client();

    @Test
    void cutsBetweenRecordsAndCarriesTheHeader() throws Exception {
        StringBuilder csv = new StringBuilder("id,text\n");
        for (int i = 0; i < 200; i++) {
            csv.append(i).append(",\"line one of ").append(i).append("\nand two\"\n");
        }
        ObjectEntry object = put("a.csv", csv.toString());

        List<Piece> pieces = split(object);

        assertThat(pieces).hasSizeGreaterThan(5);
        assertThat(pieces.getFirst().header()).isNull();
        StringBuilder together = new StringBuilder();
        for (Piece piece : pieces) {
            String text = csv.substring((int) piece.offset(), (int) (piece.offset() + piece.length()));
            assertThat(text).endsWith("\"\n").matches("(?s)(id,text\n)?[0-9]+,\".*");
            together.append(text);
        }
        assertThat(together).hasToString(csv.toString());
        assertThat(pieces.subList(1, pieces.size())).extracting(Piece::header).containsOnly("id,text");
        assertThat(split(object)).as("from the kept index").isEqualTo(pieces);
    }

    @Test
    void anObjectWhoseQuotesNeverCloseGoesWhole() throws Exception {
        ObjectEntry object = put("b.csv", "id,text\n" + "1,\"open\n".repeat(500) + "2,\"");

        assertThat(split(object)).containsExactly(Piece.whole(object));
    }

    private List<Piece> split(ObjectEntry object) throws InterruptedException {
        StateFolder folder = StateFolder.of(store, "tidemill", "default", "raw");
        return new RecordSplitter(store, folder, "in", DataFormat.of(DataFormat.Type.Csv)).split(object, 600);
    }

    private ObjectEntry put(String key, String content) {
        store.createBucket("in");
        store.createBucket("tidemill");
        store.put("in", key, content.getBytes(StandardCharsets.UTF_8), "text/csv", Precondition.NONE);
        return ObjectEntry.of(store.head("in", key).orElseThrow());
    }
}
