package dev.tidemill.dataflow.internal.ledger;

/** A record of the ledger is not what was written: somebody else wrote there, or the store lost bytes. */
public final class CorruptRecordException extends RuntimeException {

    public CorruptRecordException(String address, String what) {
        super(address + ": " + what
                + ". Restore this object from a backup of the state bucket, or delete the dataset's folder there to start over;"
                + " input and output objects are not touched by either");
    }
}
