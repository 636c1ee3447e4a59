package dev.tidemill.profile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class ProfilerTest {

    static Profile profile(String csv) throws IOException {
        return new Profiler().profile(ByteSource.of("t.csv", csv.getBytes(UTF_8)), Format.Csv.DEFAULT);
    }

    @Test
    void saysWhatAMixedTableLooksLike() throws IOException {
        Profile profile =
                profile("id,price,day,name\n1,2.5,2024-01-05,anna\n2,,2024-01-04,\"b,\"\"o\"\"b\"\n3,NaN,,\n");

        assertThat(profile.rows()).isEqualTo(3);
        assertThat(profile.columns()).extracting(ColumnProfile::name).containsExactly("id", "price", "day", "name");
        assertThat(profile.columns())
                .extracting(ColumnProfile::type)
                .containsExactly(ColumnType.INT64, ColumnType.DOUBLE, ColumnType.DATE, ColumnType.STRING);
        assertThat(profile.columns().get(0).mean()).isEqualTo(2.0);
        assertThat(profile.columns().get(1).nan()).isEqualTo(1);
        assertThat(profile.columns().get(1).max()).isEqualTo(2.5);
        assertThat(profile.columns().get(2).min()).isEqualTo(LocalDate.of(2024, 1, 4));
        assertThat(profile.columns().get(3).max()).isEqualTo("b,\"o\"b");
        assertThat(profile.columns().get(3).nulls()).isEqualTo(1);
    }

    @Test
    void survivesItsBinaryForm() throws IOException {
        Profile profile = profile("a;b\n1;x\n2;y\n007;z\n");

        assertThat(Profile.fromBytes(profile.toBytes()).toJson()).isEqualTo(profile.toJson());
    }
}
