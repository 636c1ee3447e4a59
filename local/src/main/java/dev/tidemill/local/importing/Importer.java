package dev.tidemill.local.importing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tidemill.api.InvalidResourcesException;
import dev.tidemill.api.ResourceReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Turns what was written for AWS into Functions: SAM and CloudFormation templates, {@code serverless.yml}, and the JSON files by which
 * a function is told its data and its events.
 *
 * <pre>{@code Imported imported = new Importer(options).read(List.of(Path.of("template.yaml")));}</pre>
 */
public final class Importer {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();

    private final Options options;

    public Importer(Options options) {
        this.options = options;
    }

    /**
     * Reads the files; several only where they tell of the same function in the article's form.
     *
     * @throws ImportException if a file is of no kind that is known, or what it asks for cannot be a resource
     */
    public Imported read(List<Path> files) {
        var findings = new Findings();
        var roots = new ArrayList<Item>();
        for (Path file : files) {
            roots.add(InputFile.read(file, file));
        }
        List<FunctionDraft> drafts = new ArrayList<>();
        if (roots.stream().allMatch(ArticleFiles::isOne)) {
            drafts.addAll(new ArticleFiles(folder(files.getFirst()), options, findings).functions(List.copyOf(roots)));
        } else if (roots.size() > 1) {
            throw new ImportException(
                    "a template or a serverless.yml is imported alone, and here are " + files.size() + " files");
        } else {
            drafts.addAll(one(roots, files.getFirst(), findings));
        }
        if (drafts.isEmpty()) {
            throw new ImportException(files.getFirst() + ": there is no function in it");
        }
        return finish(drafts, roots, findings);
    }

    /** @param roots gets what the file draws in */
    private List<FunctionDraft> one(List<Item> roots, Path file, Findings findings) {
        Item root = roots.getFirst();
        if (root.get("provider") != null || root.get("functions") != null) {
            Path parent = file.getParent();
            var service =
                    new ServerlessFile(root, folder(file), parent == null ? Path.of("") : parent, options, findings);
            List<FunctionDraft> functions = service.functions();
            roots.clear();
            roots.addAll(service.roots());
            return functions;
        }
        if (root.get("Resources") != null) {
            return new SamTemplate(root, folder(file), options, findings).functions();
        }
        throw new ImportException(
                "%s:%d: is none of what can be imported: a SAM or CloudFormation template has Resources, a serverless.yml has provider and functions, a function's JSON file has function_name"
                        .formatted(file, root.place().line()));
    }

    private static Path folder(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file lies in a folder");
    }

    private static Imported finish(List<FunctionDraft> drafts, List<Item> roots, Findings findings) {
        for (Item root : roots) {
            root.leaves().forEach(Item::follow);
            Reasons.refuse(root);
            root.refused(Reasons.NOWHERE);
        }
        String yaml = drafts.stream().map(Importer::document).collect(Collectors.joining());
        check(yaml, drafts);
        var carried = roots.stream()
                .flatMap(Item::leaves)
                .filter(leaf -> !leaf.carriedTo().isEmpty())
                .map(leaf ->
                        new Imported.Carried(leaf.place().file(), leaf.place().path(), leaf.carriedTo()))
                .toList();
        var notCarried =
                roots.stream().flatMap(root -> Findings.refused(root).stream()).toList();
        return new Imported(yaml, carried, findings.questions(), notCarried);
    }

    private static String document(FunctionDraft draft) {
        try {
            return YAML.writeValueAsString(draft.resource()).stripTrailing() + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is written must be what {@code tidemill run} and {@code kubectl apply} take. */
    private static void check(String yaml, List<FunctionDraft> drafts) {
        Set<String> names = new HashSet<>();
        for (FunctionDraft draft : drafts) {
            if (!names.add(draft.name())) {
                throw new ImportException(
                        "two functions would both be named %s: give one of them another name".formatted(draft.name()));
            }
        }
        try {
            ResourceReader.read(Path.of("result"), yaml);
        } catch (InvalidResourcesException e) {
            throw new ImportException("what came of it is no resource of Tidemill's: " + e.getMessage());
        }
    }
}
