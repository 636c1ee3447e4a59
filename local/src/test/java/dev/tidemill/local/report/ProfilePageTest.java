package dev.tidemill.local.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProfilePageTest {

    private static final String HOSTILE = "<script>alert(1)</script>";

    @Test
    void aHostileNameIsANameAndNothingMore() throws IOException {
        Profile profile = profile("\"" + HOSTILE + "\",\"a\u001b[2Jb\"\n\"\"\"><img src=x>\",1\n");
        String page = new String(ProfilePage.of(HOSTILE, profile.rows(), profile.columns()), StandardCharsets.UTF_8);
        assertThat(page)
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .doesNotContain("<script")
                .doesNotContain("<img")
                .doesNotContain("\u001b")
                .doesNotContain(" style=")
                .contains("default-src 'none'");
    }

    @Test
    void theTableShowsControlCharactersInsteadOfObeyingThem() throws IOException {
        assertThat(ProfileTable.of(profile("\"a\u001b[2J\"\n1\n").columns(), 10))
                .contains("a\\u001b[2J")
                .doesNotContain("\u001b");
    }

    @Test
    void theTableCountsTheColumnsThatItLeavesOut() throws IOException {
        assertThat(ProfileTable.of(profile("a,b,c\n1,2,3\n").columns(), 1)).endsWith("… and 2 more columns\n");
    }

    private static Profile profile(String csv) throws IOException {
        return new Profiler()
                .profile(
                        ByteSource.of("test.csv", csv.getBytes(StandardCharsets.UTF_8)),
                        Format.Csv.DEFAULT.withHeader(Format.Header.PRESENT));
    }
}
