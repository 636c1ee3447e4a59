package dev.tidemill.images;

import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/**
 * An image as it is packed.
 *
 * @param layers folders with its files, from its root; those of several images first
 * @param workingDirectory that of whoever runs it says nothing else
 */
record Image(
        String name,
        List<Path> layers,
        List<String> entrypoint,
        SequencedMap<String, String> environment,
        String workingDirectory) {}
