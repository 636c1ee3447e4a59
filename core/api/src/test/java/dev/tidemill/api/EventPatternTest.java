package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventPatternTest {

    private static final ObjectMapper JSON = Json.mapper();

    /** The event of EventBridge's own documentation, shortened. */
    private static final String DATA =
            "{\"state\": \"running\", \"region\": \"eu-west-1\", \"size\": 300.0, \"tags\": [\"a\", \"b\"], \"owner\": {\"name\": \"Ann\"}, \"gone\": null}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"state": "running"}                                  | true
            {"state": ["stopped", "running"]}                     | true
            {"state": ["stopped"]}                                | false
            {"owner": {"name": ["Ann"]}, "size": [300]}           | true
            {"owner": {"name": ["Ben"]}, "size": [300]}           | false
            {"region": [{"prefix": "eu-"}]}                       | true
            {"region": [{"suffix": "-2"}]}                        | false
            {"tags": ["b"]}                                       | true
            {"tags": ["c"]}                                       | false
            {"size": [{"numeric": [">", 0, "<=", 300]}]}          | true
            {"size": [{"numeric": [">", 300]}]}                   | false
            {"state": [{"anything-but": ["stopped"]}]}            | true
            {"state": [{"anything-but": {"prefix": "run"}}]}      | false
            {"nowhere": [{"exists": false}]}                      | true
            {"state": [{"exists": false}]}                        | false
            {"nowhere": [{"anything-but": ["x"]}]}                | false
            {"owner": {"name": [{"equals-ignore-case": "ANN"}]}}  | true
            {"gone": [null]}                                      | true
            {"state": [{"no-such-rule": 1}]}                      | false
            {}                                                    | true
            """)
    void matchesAsEventBridgeDoes(String pattern, boolean matches) throws Exception {
        Map<String, JsonNode> wanted = JSON.readValue(pattern, new TypeReference<>() {});
        assertThat(EventPattern.matches(wanted, JSON.readTree(DATA))).isEqualTo(matches);
    }
}
