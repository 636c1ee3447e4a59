package dev.tidemill.api;

/** What may be done under a prefix. */
public enum Access {
    Read,
    Write,
    ReadWrite;

    public boolean covers(Access wanted) {
        return this == ReadWrite || this == wanted;
    }
}
