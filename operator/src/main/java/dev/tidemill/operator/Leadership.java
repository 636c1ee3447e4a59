package dev.tidemill.operator;

import jakarta.enterprise.context.ApplicationScoped;

/** Whether this replica is the one that works. */
@ApplicationScoped
public class Leadership {

    private volatile boolean leads;

    public boolean leads() {
        return leads;
    }

    void taken() {
        leads = true;
    }

    void lost() {
        leads = false;
    }
}
