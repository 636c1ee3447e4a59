package dev.tidemill.local;

import java.nio.file.Path;

/** Where Tidemill itself lies: the launcher says so. */
final class Installation {

    private Installation() {}

    static Path home() {
        String home = System.getProperty("tidemill.home");
        if (home == null) {
            throw new UsageException("start this command with ./tidemill: -Dtidemill.home is not set");
        }
        return Path.of(home);
    }
}
