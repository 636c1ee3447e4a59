package dev.tidemill.functions.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.S3Event;
import java.util.List;
import java.util.Map;

/** Java handlers as users write them. */
public class JavaHandlers {

    public Map<String, Object> context(Map<String, Object> event, Context context) {
        return Map.of(
                "event", event,
                "arn", context.getInvokedFunctionArn(),
                "name", context.getFunctionName(),
                "remaining", context.getRemainingTimeInMillis());
    }

    public List<String> keys(S3Event event, Context context) {
        return event.getRecords().stream()
                .map(record -> record.getS3().getObject().getUrlDecodedKey())
                .toList();
    }

    public String fails(Map<String, Object> event, Context context) {
        throw new IllegalStateException("no way");
    }
}
