package dev.tidemill.local.importing;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the files themselves do not say.
 *
 * @param parameters of a template, pseudo parameters such as {@code AWS::Region}, and the Serverless Framework's {@code opt:} values
 * @param environment for {@code ${env:…}}
 * @param bucket where the article's prefixes lie
 * @param registry where images are to be pushed that have to be built
 * @param handler that replaces the files' own; null keeps them
 * @param out the folder of the result, to which its paths are relative; null for the input's own
 */
public record Options(
        Map<String, String> parameters,
        Map<String, String> environment,
        String bucket,
        String registry,
        @Nullable String handler,
        @Nullable Path out) {

    public Options {
        parameters = Map.copyOf(parameters);
        environment = Map.copyOf(environment);
    }
}
