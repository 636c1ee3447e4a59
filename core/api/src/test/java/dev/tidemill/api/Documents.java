package dev.tidemill.api;

import java.util.List;

/** The documents of a YAML file as JSON, read as {@code kubectl} reads them; other parsers take {@code n} for text. */
public final class Documents {

    private Documents() {}

    public static List<String> json(String yaml) throws Exception {
        return YamlDocument.parse(yaml.replace('\t', ' ')).stream()
                .map(document -> document.json().toString())
                .toList();
    }
}
