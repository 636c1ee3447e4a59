package dev.tidemill.operator;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Labels of what the operator makes; its informers see nothing else. */
public final class Labels {

    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String MANAGER = "tidemill";
    public static final String COMPONENT = "app.kubernetes.io/component";

    /** The component of a namespace's data path; Functions are {@code function}, built-in ones too. */
    public static final String DATAFLOW = "dataflow";

    /** The Function that something belongs to. */
    public static final String FUNCTION = "tidemill.dev/function";

    /** What the pods of a Function speak, where that is not CloudEvents. */
    public static final String RUNTIME = "tidemill.dev/runtime";

    /** The Model that something belongs to. */
    public static final String MODEL = "tidemill.dev/model";

    /** The annotation of a revision of a Model: the digest of its artifact, or what the store says of the object. */
    public static final String ARTIFACT = "tidemill.dev/artifact";

    /** The annotation of a revision of a Function: what its results depend on, as it was declared. */
    public static final String DECLARED = "tidemill.dev/declared";

    public static final String SELECTOR = MANAGED_BY + "=" + MANAGER;

    private Labels() {}

    /** In a fixed order, so that equal objects are equal text. */
    public static SortedMap<String, String> of(String component) {
        return new TreeMap<>(Map.of(MANAGED_BY, MANAGER, COMPONENT, component));
    }
}
