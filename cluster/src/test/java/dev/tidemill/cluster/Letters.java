package dev.tidemill.cluster;

import java.util.List;

/** The dead letters of a function, as they lie in the state bucket. */
record Letters(Installation tidemill, String function) {

    private String prefix() {
        return "tidemill/" + Installation.OURS + "/_deadletters/" + function + "/";
    }

    private List<String> keys() {
        return tidemill.store().keys(prefix());
    }

    /** The one that there is, once there is one. */
    Json one() {
        Await.until(() -> !keys().isEmpty());
        return new Json(tidemill.store().cat(prefix() + keys().getFirst()));
    }

    /** Has them sent again, and returns when all are taken. */
    void redrive(String value) {
        tidemill.kubectl("annotate", "--overwrite", "function/" + function, "tidemill.dev/redrive=" + value);
        Await.until(() -> keys().isEmpty());
    }
}
