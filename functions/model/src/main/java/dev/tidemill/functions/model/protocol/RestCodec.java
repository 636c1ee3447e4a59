package dev.tidemill.functions.model.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.JsonElements;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Inference requests and replies as REST bodies: JSON, behind which the bytes of binary tensors follow in the order of the inputs or
 * outputs that announce them by {@code binary_data_size}.
 */
final class RestCodec {

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();
    private static final JsonMapper MAPPER = new JsonMapper(JSON);
    private static final Pattern OPENED =
            Pattern.compile(" \\(start marker at \\[Source: .*; line: (\\d+), column: (\\d+)]\\)");

    private static final String BINARY_SIZE = "binary_data_size";
    private static final String BINARY = "binary_data";
    private static final String BINARY_OUTPUT = "binary_data_output";

    /** They become objects, which take many times as much. */
    private static final int MOST_PARAMETERS = 1 << 16;

    /**
     * A reply.
     *
     * @param jsonLength how much of the body is JSON
     * @param binary whether outputs follow it, were they of no bytes
     */
    record Body(byte[] bytes, int jsonLength, boolean binary) {}

    private RestCodec() {}

    /**
     * Reads a request.
     *
     * @param jsonLength how much of the body is JSON
     * @param memory asked for what tensors take beside the body, and throws if there is not so much
     * @throws TensorException if it is not what the protocol says
     */
    static InferRequest read(byte[] body, int jsonLength, LongConsumer memory) {
        try (JsonParser json = JSON.createParser(body, 0, jsonLength)) {
            return new Reader(json, body, jsonLength, memory).request();
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw new TensorException("the request is no JSON: " + words(e.getOriginalMessage())
                    + (e.getLocation() == null
                            ? ""
                            : ", byte " + e.getLocation().getByteOffset()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Jackson's, without what would be another server's remedy, and without its word on where a body comes from. */
    private static String words(String said) {
        return said.startsWith("Non-standard token")
                ? said.substring(0, said.indexOf(':')) + ", which JSON does not have (send it as bytes)"
                : OPENED.matcher(said).replaceFirst(" that begins at line $1, column $2");
    }

    private static final class Reader {
        private final JsonParser json;
        private final byte[] body;
        private final int jsonLength;
        private final LongConsumer memory;
        private int binaryAt;

        private @Nullable String id;
        private Map<String, Object> parameters = Map.of();
        private final List<Tensor> inputs = new ArrayList<>();
        private final List<InferRequest.Wanted> outputs = new ArrayList<>();

        Reader(JsonParser json, byte[] body, int jsonLength, LongConsumer memory) {
            this.json = json;
            this.body = body;
            this.jsonLength = jsonLength;
            this.memory = memory;
            this.binaryAt = jsonLength;
        }

        InferRequest request() throws IOException {
            expect(json.nextToken(), JsonToken.START_OBJECT, "the request");
            boolean hasInputs = false;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                if (value == JsonToken.VALUE_NULL && !field.equals("inputs")) {
                    // What is optional and left out, as clients write it that have a class of these fields.
                    continue;
                }
                switch (field) {
                    case "id" -> id = text("id", value);
                    case "parameters" -> parameters = parameters();
                    case "inputs" -> {
                        hasInputs = true;
                        expect(value, JsonToken.START_ARRAY, "inputs");
                        while (json.nextToken() != JsonToken.END_ARRAY) {
                            inputs.add(input());
                        }
                    }
                    case "outputs" -> {
                        expect(value, JsonToken.START_ARRAY, "outputs");
                        while (json.nextToken() != JsonToken.END_ARRAY) {
                            outputs.add(output());
                        }
                    }
                    default -> json.skipChildren();
                }
            }
            if (json.nextToken() != null) {
                throw new TensorException("behind the request's JSON follows more JSON");
            }
            if (!hasInputs) {
                throw new TensorException("the request has no inputs");
            }
            if (binaryAt != body.length) {
                throw new TensorException("%d bytes follow the JSON that no input's %s announces"
                        .formatted(body.length - binaryAt, BINARY_SIZE));
            }
            Map<String, Object> echoed = new LinkedHashMap<>(parameters);
            boolean binary = Boolean.TRUE.equals(echoed.remove(BINARY_OUTPUT));
            return new InferRequest(id, echoed, inputs, outputs, binary);
        }

        private Tensor input() throws IOException {
            expect(json.currentToken(), JsonToken.START_OBJECT, "an input");
            String name = null;
            Datatype datatype = null;
            long[] shape = null;
            Map<String, Object> own = Map.of();
            ByteBuffer data = null;
            Span early = null;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                switch (field) {
                    case "name" -> name = text("name", value);
                    case "datatype" -> datatype = datatype(text("datatype", value));
                    case "shape" -> shape = shape(name, value);
                    case "parameters" -> own = parameters();
                    case "data" -> {
                        if (name != null && datatype != null && shape != null) {
                            data = JsonElements.read(json, name, datatype, elements(name, datatype, shape));
                        } else {
                            early = skipped();
                        }
                    }
                    default -> json.skipChildren();
                }
            }
            if (name == null || datatype == null || shape == null) {
                throw new TensorException(
                        "an input needs name, datatype and shape; one has name=%s datatype=%s shape=%s"
                                .formatted(name, datatype, Arrays.toString(shape)));
            }
            if (early != null) {
                try (JsonParser late = early.parser()) {
                    late.nextToken();
                    data = JsonElements.read(late, name, datatype, elements(name, datatype, shape));
                }
            }
            Object size = own.get(BINARY_SIZE);
            if (data != null && size != null) {
                throw new TensorException("input %s has data and %s: send one of them".formatted(name, BINARY_SIZE));
            }
            if (data == null) {
                data = binary(name, size);
            }
            return new Tensor(name, datatype, shape, data);
        }

        private ByteBuffer binary(String name, @Nullable Object size) {
            if (size == null) {
                throw new TensorException("input %s has no data".formatted(name));
            }
            if (!(size instanceof Integer length) || length < 0) {
                throw new TensorException(
                        "input %s: %s is %s and has to be a number of bytes".formatted(name, BINARY_SIZE, size));
            }
            if (length > body.length - binaryAt) {
                throw new TensorException("input %s: %s is %d, and %d bytes are left in the body"
                        .formatted(name, BINARY_SIZE, length, body.length - binaryAt));
            }
            ByteBuffer data = ByteBuffer.wrap(body, binaryAt, length).slice();
            binaryAt += length;
            return data;
        }

        private InferRequest.Wanted output() throws IOException {
            expect(json.currentToken(), JsonToken.START_OBJECT, "an output");
            String name = null;
            Boolean binary = null;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                switch (field) {
                    case "name" -> name = text("name", value);
                    case "parameters" -> binary = parameters().get(BINARY) instanceof Boolean wish ? wish : null;
                    default -> json.skipChildren();
                }
            }
            if (name == null) {
                throw new TensorException("an output needs a name");
            }
            return new InferRequest.Wanted(name, binary);
        }

        /** Where a value stands in the body. */
        private record Span(byte[] body, int from, int to) {
            JsonParser parser() throws IOException {
                return JSON.createParser(body, from, to - from);
            }
        }

        /** Past the value that the parser is at; what it is made of shows when it is read. */
        private Span skipped() throws IOException {
            int from = (int) json.currentTokenLocation().getByteOffset();
            json.skipChildren();
            return new Span(body, from, (int) json.currentLocation().getByteOffset());
        }

        private Map<String, Object> parameters() throws IOException {
            if (json.currentToken() == JsonToken.VALUE_NULL) {
                return Map.of();
            }
            expect(json.currentToken(), JsonToken.START_OBJECT, "parameters");
            Span span = skipped();
            if (span.to() - span.from() > MOST_PARAMETERS) {
                throw new TensorException("parameters take %d bytes, and %d at most are read"
                        .formatted(span.to() - span.from(), MOST_PARAMETERS));
            }
            try (JsonParser own = span.parser()) {
                @SuppressWarnings("unchecked")
                Map<String, Object> read = MAPPER.readValue(own, LinkedHashMap.class);
                Metadata.requireOwn(read.keySet());
                return read;
            }
        }

        private String text(String field, JsonToken token) throws IOException {
            expect(token, JsonToken.VALUE_STRING, field);
            return json.getText();
        }

        private static Datatype datatype(String name) {
            try {
                return Datatype.valueOf(name);
            } catch (IllegalArgumentException _) {
                throw new TensorException(
                        "\"%s\" is no datatype; there are %s".formatted(name, Arrays.toString(Datatype.values())));
            }
        }

        private long[] shape(@Nullable String input, JsonToken token) throws IOException {
            expect(token, JsonToken.START_ARRAY, "shape");
            List<Long> shape = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                JsonToken dimension = json.currentToken();
                if (dimension != JsonToken.VALUE_NUMBER_INT
                        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        || json.getLongValue() < 0) {
                    throw new TensorException("input %s: a dimension is a number of 0 or more that 64 bits hold, not %s"
                            .formatted(input, json.getText()));
                }
                shape.add(json.getLongValue());
            }
            return shape.stream().mapToLong(Long::longValue).toArray();
        }

        /** No more than the JSON has characters for, one and a comma each: a shape alone must not take memory. */
        private long elements(String name, Datatype datatype, long[] shape) {
            try {
                long elements = Tensor.elements(shape);
                if (elements <= (jsonLength + 1) / 2) {
                    // A text takes its length and itself, which is longer in quotes.
                    memory.accept(datatype == Datatype.BYTES ? 2L * jsonLength : elements * Tensor.width(datatype));
                    return elements;
                }
            } catch (ArithmeticException _) {
                // More than a long can count is more than the body has.
            }
            throw new TensorException(
                    "input %s: the body is too short for the shape %s".formatted(name, Arrays.toString(shape)));
        }

        private static void expect(@Nullable JsonToken token, JsonToken wanted, String what) {
            if (token != wanted) {
                throw new TensorException("%s has to be %s, not %s".formatted(what, word(wanted), word(token)));
            }
        }
    }

    private static String word(@Nullable JsonToken token) {
        return switch (token) {
            case null -> "nothing";
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "an array";
            case VALUE_STRING -> "a text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            case FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> token.name();
        };
    }

    /** Writes a reply; the outputs are those that were asked for. */
    static Body write(InferRequest request, String model, String version, List<Tensor> outputs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(
                256 + 16 * (int) Math.min(1 << 16, outputs.getFirst().elements()));
        List<ByteBuffer> binary = new ArrayList<>();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("model_name", model);
            json.writeStringField("model_version", version);
            if (request.id() != null) {
                json.writeStringField("id", request.id());
            }
            if (!request.parameters().isEmpty()) {
                json.writeFieldName("parameters");
                MAPPER.writeValue(json, request.parameters());
            }
            json.writeArrayFieldStart("outputs");
            for (Tensor output : outputs) {
                json.writeStartObject();
                json.writeStringField("name", output.name());
                json.writeStringField("datatype", output.datatype().name());
                json.writeFieldName("shape");
                json.writeArray(output.shape(), 0, output.shape().length);
                if (request.wantsBytes(output.name())) {
                    json.writeObjectFieldStart("parameters");
                    json.writeNumberField(BINARY_SIZE, output.data().limit());
                    json.writeEndObject();
                    binary.add(output.data());
                } else {
                    json.writeFieldName("data");
                    JsonElements.write(json, output);
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int jsonLength = out.size();
        for (ByteBuffer data : binary) {
            byte[] bytes = new byte[data.limit()];
            data.get(0, bytes);
            out.writeBytes(bytes);
        }
        return new Body(out.toByteArray(), jsonLength, !binary.isEmpty());
    }

    static byte[] json(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
