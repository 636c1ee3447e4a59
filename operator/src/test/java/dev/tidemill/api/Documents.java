package dev.tidemill.api;

import java.util.List;
import java.util.SequencedMap;

/** What the tests of the CRDs need of this package's inside. */
public final class Documents {

    private Documents() {}

    /** The documents of a YAML file as JSON, read as {@code kubectl} reads them; other parsers take {@code n} for text. */
    public static List<String> json(String yaml) throws Exception {
        return YamlDocument.parse(yaml.replace('\t', ' ')).stream()
                .map(document -> document.json().toString())
                .toList();
    }

    /** The fields that are refused when a resource is to be worked on. */
    public static SequencedMap<String, List<Violation>> notYetSupported() {
        return NotYetSupported.tables();
    }
}
