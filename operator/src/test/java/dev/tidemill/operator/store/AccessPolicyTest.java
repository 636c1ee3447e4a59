package dev.tidemill.operator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Access;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessPolicyTest {

    private static final Opening RAW = new Opening("lake", "raw/", Access.Read);
    private static final Opening OUT = new Opening("lake", "out/", Access.ReadWrite);

    @Test
    void opensOnlyThePrefixAndListsOnlyThere() {
        assertThat(AccessPolicy.document(List.of(RAW))).isEqualTo("""
                        {"Statement":[\
                        {"Action":["s3:GetObject"],"Effect":"Allow","Resource":["arn:aws:s3:::lake/raw/*"]},\
                        {"Action":["s3:ListBucket"],"Condition":{"StringLike":{"s3:prefix":["raw/*"]}},"Effect":"Allow",\
                        "Resource":["arn:aws:s3:::lake"]}],"Version":"2012-10-17"}""");
    }

    @Test
    void equalRightsGiveEqualTextInWhateverOrderTheyAreAsked() {
        var below = new Opening("lake", "raw/2026/", Access.Read);

        assertThat(AccessPolicy.document(List.of(OUT, RAW, below, RAW)))
                .isEqualTo(AccessPolicy.document(List.of(RAW, OUT)));
    }

    @Test
    void whoMayOnlyWriteMayNotList() {
        assertThat(AccessPolicy.document(List.of(new Opening("lake", "in/", Access.Write))))
                .contains("s3:PutObject")
                .doesNotContain("s3:GetObject")
                .doesNotContain("s3:ListBucket");
    }

    @Test
    void whatAPolicyTakesForAWildcardIsTakenLiterally() {
        assertThat(AccessPolicy.document(List.of(new Opening("lake", "a*b?c$d/", Access.Read))))
                .contains("arn:aws:s3:::lake/a${*}b${?}c${$}d/*");
    }
}
