package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How the bytes of an object are to be read. Immutable; {@code Auto} looks at the content. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(value = "!has(self.csv) || self.type in ['Auto', 'Csv']", message = Rules.CSV_OPTIONS)
public record DataFormat(
        @JsonPropertyDescription(
                "Auto decides by each object's content: magic bytes first, then what its first lines look like.")
        @Default("Auto")
        Type type,

        @JsonPropertyDescription("Options of CSV; what is left out is found by looking.") @Nullable
        Csv csv,

        @JsonPropertyDescription("How CSV and JSON Lines are packed; Auto decides by each object's first bytes.")
        @Default("Auto")
        Compression compression) {

    public static final DataFormat AUTO = new DataFormat(Type.Auto, null, Compression.Auto);

    public DataFormat {
        type = Objects.requireNonNullElse(type, Type.Auto);
        compression = Objects.requireNonNullElse(compression, Compression.Auto);
    }

    public static DataFormat of(Type type) {
        return new DataFormat(type, null, Compression.Auto);
    }

    /** The kinds of content that Tidemill tells apart. {@code Raw} is bytes without records. */
    public enum Type {
        Auto,
        Csv,
        JsonLines,
        Parquet,
        Npy,
        Image,
        Raw
    }

    /** How textual formats may be packed. */
    public enum Compression {
        Auto,
        None,
        Gzip,
        Zstd
    }

    /**
     * CSV as RFC 4180 has it, and its dialects.
     *
     * @param delimiter one character; null means found by looking
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Csv(
            @JsonPropertyDescription(
                    "The one ASCII character between fields, such as ; or a tab; found by looking where it is left out.")
            @Pattern("^([ -~]|\\t)$")
            @Nullable
            String delimiter,

            @JsonPropertyDescription("The one ASCII character around fields that hold delimiters, quotes or newlines.")
            @Pattern("^[ -~]$")
            @Default("'\"'")
            String quote,

            @JsonPropertyDescription("Whether the first record names the columns; Auto decides by looking.")
            @Default("Auto")
            Header header,

            @JsonPropertyDescription("Texts that mean null, beside the empty one.") @Size(max = 64)
            List<String> nullValues,

            @JsonPropertyDescription(
                    "What becomes of a record with more or fewer fields than there are columns: Fail names its line, "
                            + "Pad takes missing fields for null and drops surplus ones.")
            @Default("Fail")
            Ragged ragged) {

        public Csv {
            quote = Objects.requireNonNullElse(quote, "\"");
            header = Objects.requireNonNullElse(header, Header.Auto);
            nullValues = Defaults.list(nullValues);
            ragged = Objects.requireNonNullElse(ragged, Ragged.Fail);
        }

        /** What becomes of a record with more or fewer fields than there are columns. */
        public enum Ragged {
            Fail,
            Pad
        }

        /** Whether the first record names the columns. */
        public enum Header {
            Auto,
            Present,
            Absent
        }
    }
}
