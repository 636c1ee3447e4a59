package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventFiltersTest {

    private static final Map<String, String> EVENT =
            Map.of("type", "com.amazonaws.s3.ObjectCreated:Put", "subject", "in/a.csv", "source", "lake");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [{"exact": {"source": "lake"}}]                                                          | true
            [{"exact": {"source": "sea"}}]                                                           | false
            [{"prefix": {"type": "com.amazonaws.s3.ObjectCreated:"}}, {"suffix": {"subject": ".csv"}}] | true
            [{"prefix": {"type": "com.amazonaws.s3."}}, {"suffix": {"subject": ".txt"}}]             | false
            [{"any": [{"exact": {"source": "sea"}}, {"prefix": {"subject": "in/"}}]}]                | true
            [{"all": [{"exact": {"source": "sea"}}, {"prefix": {"subject": "in/"}}]}]                | false
            [{"not": {"exact": {"source": "sea"}}}]                                                  | true
            [{"exact": {"nowhere": "x"}}]                                                            | false
            [{"not": {"exact": {"nowhere": "x"}}}]                                                   | true
            [{"cesql": "TRUE"}]                                                                      | false
            []                                                                                       | true
            """)
    void passAsWithKnativesTrigger(String filters, boolean passes) throws Exception {
        assertThat(EventFilters.pass(Json.mapper().readValue(filters, new TypeReference<>() {}), EVENT::get))
                .isEqualTo(passes);
    }
}
