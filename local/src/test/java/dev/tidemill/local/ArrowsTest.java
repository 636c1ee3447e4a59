package dev.tidemill.local;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The arrows of the README's tree point down only. Maven keeps most of them; this keeps what an inherited dependency would let through. */
class ArrowsTest {

    private static final Map<String, String> MODULES = Map.ofEntries(
            Map.entry("core/api", "dev.tidemill.api"),
            Map.entry("core/store", "dev.tidemill.store"),
            Map.entry("core/profile", "dev.tidemill.profile"),
            Map.entry("core/dataflow", "dev.tidemill.dataflow"),
            Map.entry("core/learn", "dev.tidemill.learn"),
            Map.entry("functions/sdk", "dev.tidemill.functions.sdk"),
            Map.entry("functions/dataflow", "dev.tidemill.functions.dataflow"),
            Map.entry("functions/gate", "dev.tidemill.functions.gate"),
            Map.entry("functions/lambda", "dev.tidemill.functions.lambda"),
            Map.entry("functions/model", "dev.tidemill.functions.model"),
            Map.entry("local", "dev.tidemill.local"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importPaths(MODULES.keySet().stream()
                    .map(module -> Path.of("..", module, "target", "classes"))
                    .toList());

    @Test
    void everyModuleWasRead() {
        MODULES.forEach((module, root) -> assertThat(CLASSES.that(resideInAPackage(root + "..")))
                .as(module)
                .isNotEmpty());
    }

    @Test
    void apiKnowsNoFrameworkAndNoOtherModule() {
        mayUse(
                "dev.tidemill.api",
                "com.fasterxml.jackson..",
                "org.yaml.snakeyaml..",
                "io.fabric8.crd.generator.annotation..",
                "io.fabric8.generator.annotation..");
    }

    @Test
    void storeKnowsMinioAndNothingOfWhatIsStored() {
        mayUse(
                "dev.tidemill.store",
                "io.minio..",
                "okhttp3..",
                "okio..",
                "kotlin..",
                "com.google.common..", // in the signatures of minio's client
                "org.apache.commons.compress..", // zips of code, with their modes and links
                "com.fasterxml.jackson..",
                "dev.tidemill.api..");
    }

    @Test
    void profileKnowsBytesOnly() {
        mayUse(
                "dev.tidemill.profile",
                "org.apache.datasketches..",
                "dev.hardwood..",
                "com.github.luben..",
                "org.xerial.snappy..",
                "net.jpountz..", // LZ4, beside the other codecs of Parquet
                "ch.randelshofer..",
                "com.fasterxml.jackson..",
                "jdk.incubator.vector..");
    }

    @Test
    void dataflowKnowsAStoreAndAFunctionClientAndNoFramework() {
        mayUse(
                "dev.tidemill.dataflow",
                "dev.tidemill.api..",
                "dev.tidemill.store..",
                "dev.tidemill.profile..",
                "com.fasterxml.jackson..");
    }

    @Test
    void learnKnowsRowsAndWhereToLeaveAModel() {
        mayUse(
                "dev.tidemill.learn",
                "dev.tidemill.api..",
                "dev.tidemill.store..",
                "dev.tidemill.profile..",
                "com.fasterxml.jackson..");
    }

    @Test
    void functionsUseCoreOnly() {
        noClasses()
                .that()
                .resideInAPackage("dev.tidemill.functions..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.tidemill.local..", "io.minio..", "io.fabric8.."))
                .check(CLASSES);
    }

    /** But for the library, which is there to be used. */
    @Test
    void noFunctionKnowsAnother() {
        List<String> functions = MODULES.values().stream()
                .filter(root -> root.startsWith("dev.tidemill.functions.") && !root.endsWith(".sdk"))
                .toList();
        assertThat(functions).hasSize(4);
        functions.forEach(root -> noClasses()
                .that()
                .resideInAPackage("dev.tidemill.functions..")
                .and()
                .resideOutsideOfPackage(root + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(root + ".."))
                .check(CLASSES));
    }

    @Test
    void theCommandKnowsNeitherQuarkusNorKubernetes() {
        noClasses()
                .that()
                .resideInAPackage("dev.tidemill.local..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.quarkus..", "io.fabric8..", "dev.tidemill.functions.."))
                .check(CLASSES);
    }

    @Test
    void whatIsInternalToAModuleStaysThere() {
        List.copyOf(MODULES.values())
                .forEach(root -> noClasses()
                        .that(resideOutsideOfPackages(root + ".."))
                        .should()
                        .dependOnClassesThat(resideInAnyPackage(root + ".internal.."))
                        .check(CLASSES));
    }

    private static void mayUse(String module, String... libraries) {
        String[] allowed = new String[libraries.length + 4];
        System.arraycopy(libraries, 0, allowed, 4, libraries.length);
        allowed[0] = module + "..";
        allowed[1] = "java..";
        allowed[2] = "javax..";
        allowed[3] = "org.jspecify.annotations..";
        classes()
                .that()
                .resideInAPackage(module + "..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed))
                .check(CLASSES);
    }
}
