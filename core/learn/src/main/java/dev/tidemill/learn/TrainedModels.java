package dev.tidemill.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.CombineData.Finish;
import dev.tidemill.api.Json;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.TrainData;
import dev.tidemill.api.TrainedModel;
import dev.tidemill.profile.Profile;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Where rounds leave what they came to: under {@code spec.train.output}, named after the Model and the object's own digest, so that
 * nothing is ever overwritten by something else and a model that is served stays what it is.
 *
 * @param state of the rounds before, null in the first
 */
public record TrainedModels(
        ObjectClient store,
        TrainData settings,
        Finish finish,
        @Nullable JsonNode state) {

    private static final String PROFILE = "profile";
    private static final int NAME_DIGITS = 12;

    /**
     * What the round answers: its state, or what was trained, which is in the store then.
     *
     * @param rows of the Dataset
     * @param profile of them, known in the first round only
     */
    public JsonNode keep(Learner.Outcome outcome, long rows, @Nullable Profile profile) {
        String remembered =
                profile == null ? (state == null ? null : state.path(PROFILE).textValue()) : write(profile);
        return switch (outcome) {
            case Learner.Next(ObjectNode next) -> remembered == null ? next : next.put(PROFILE, remembered);
            case Learner.Trained trained -> Json.mapper().valueToTree(write(trained, rows, remembered));
        };
    }

    private String write(Profile profile) {
        byte[] bytes = profile.toBytes();
        return write(bytes, digest(bytes), "profile", Profile.CONTENT_TYPE);
    }

    private TrainedModel write(Learner.Trained trained, long rows, @Nullable String profile) {
        byte[] graph = trained.graph().toBytes();
        String digest = digest(graph);
        TrainedModel model = new TrainedModel(
                true,
                settings.train().output().object(write(graph, digest, "onnx", "application/octet-stream"), digest),
                settings.train().algorithm(),
                finish.dataset(),
                finish.revision(),
                rows,
                (state == null ? 0 : state.path("round").asInt()) + 1,
                trained.converged(),
                trained.metrics(),
                profile);
        ObjectNode told = Json.mapper().valueToTree(model);
        told.set("parameters", Json.mapper().valueToTree(trained.parameters()));
        write(Json.bytes(told), digest, "json", "application/json");
        return model;
    }

    private String write(byte[] bytes, String digest, String extension, String contentType) {
        ModelSpec.Place place = settings.train().output();
        String key = place.prefix() + settings.model() + "-" + digest.substring(0, NAME_DIGITS) + "." + extension;
        store.put(place.bucket(), key, bytes, contentType, Precondition.NONE);
        return key;
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
