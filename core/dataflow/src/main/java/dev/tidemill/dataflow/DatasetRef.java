package dev.tidemill.dataflow;

/**
 * Which Dataset, and which incarnation of it.
 *
 * @param uid changes when a resource is deleted and created again under the same name
 * @param generation the spec's, counted up by whoever keeps the resource
 */
public record DatasetRef(String namespace, String name, String uid, long generation) {

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
