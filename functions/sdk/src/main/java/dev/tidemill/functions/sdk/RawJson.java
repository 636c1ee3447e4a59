package dev.tidemill.functions.sdk;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Bytes that are JSON already are written as they are. Funqy hands a body of {@code application/json} to Jackson even where the
 * function gives bytes, and Jackson would answer with the Base64 of them in quotes.
 */
@Singleton
class RawJson implements ObjectMapperCustomizer {

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.registerModule(new SimpleModule().addSerializer(new StdSerializer<>(byte[].class) {
            @Override
            public void serialize(byte[] json, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeRawValue(new String(json, StandardCharsets.UTF_8));
            }
        }));
    }
}
