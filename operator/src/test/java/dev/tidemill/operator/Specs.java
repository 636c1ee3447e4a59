package dev.tidemill.operator;

import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ObjectStore;
import dev.tidemill.api.ObjectStoreSpec;
import dev.tidemill.api.Resource;
import dev.tidemill.api.ResourceReader;
import java.nio.file.Path;

/** Specs as a user writes them: the YAML below {@code spec}. */
public final class Specs {

    private Specs() {}

    public static DatasetSpec dataset(String yaml) {
        return ((Dataset) read("Dataset", yaml)).spec();
    }

    public static FunctionSpec function(String yaml) {
        return ((Function) read("Function", yaml)).spec();
    }

    public static ModelSpec model(String yaml) {
        return ((Model) read("Model", yaml)).spec();
    }

    public static ObjectStoreSpec store(String yaml) {
        return ((ObjectStore) read("ObjectStore", yaml)).spec();
    }

    private static Resource read(String kind, String yaml) {
        var text = "apiVersion: tidemill.dev/v1alpha1\nkind: %s\nmetadata: {name: it}\nspec:\n%s"
                .formatted(kind, yaml.indent(2));
        return ResourceReader.read(Path.of(kind + ".yaml"), text).resources().getFirst();
    }
}
