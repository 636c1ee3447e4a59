package dev.tidemill.operator;

import jakarta.enterprise.context.ApplicationScoped;

/** Whether this replica is the one that works. */
@ApplicationScoped
public class Leadership {

    private volatile boolean leads;

    public boolean leads() {
        return leads;
    }

    public void taken() {
        leads = true;
    }

    public void lost() {
        leads = false;
    }
}
