package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EventsPageTest {

    private static final Pattern EXAMPLE = Pattern.compile("<!-- (\\w+) -->\\n```json\\n(.*?)```", Pattern.DOTALL);

    private final String page;

    EventsPageTest() throws Exception {
        page = Files.readString(Path.of(System.getProperty("basedir", "."), "../../docs/reference/events.md"));
    }

    @Test
    void everyTypeAndAttributeIsOnThePage() throws Exception {
        for (var names : new Class<?>[] {EventTypes.class, EventExtensions.class}) {
            for (var field : names.getFields()) {
                assertThat(page).contains(String.valueOf(field.get(null)));
            }
        }
    }

    @Test
    void everyExampleIsReadAndWrittenAsItStands() throws Exception {
        var mapper = Json.mapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        var examples = new ArrayList<String>();
        var matcher = EXAMPLE.matcher(page);
        while (matcher.find()) {
            var type = Class.forName("dev.tidemill.api." + matcher.group(1));
            var json = mapper.readTree(matcher.group(2));
            assertThat(mapper.readTree(Json.text(mapper.treeToValue(json, type))))
                    .isEqualTo(json);
            examples.add(type.getSimpleName());
        }
        assertThat(examples).hasSize(10);
    }
}
