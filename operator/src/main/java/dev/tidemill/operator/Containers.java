package dev.tidemill.operator;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Containers as all of them are in a user's namespace: not as root, without privileges, with a folder of their own at /tmp. */
public final class Containers {

    /** The volume that is there for a pod of one container. */
    public static final String TMP = "tmp";

    private Containers() {}

    /** One with an image of ours, which writes nowhere but to /tmp. */
    public static Container ours(
            String image, String imagePullPolicy, List<EnvVar> env, ResourceRequirements resources) {
        return of(image, imagePullPolicy, env, resources, TMP)
                .editSecurityContext()
                .withReadOnlyRootFilesystem(true)
                .endSecurityContext()
                .build();
    }

    /** One with a user's image; where that writes is not known. */
    public static Container theirs(String image, List<EnvVar> env, ResourceRequirements resources) {
        return of(image, "IfNotPresent", env, resources, TMP).build();
    }

    /** @param tmp the volume at /tmp */
    public static ContainerBuilder of(
            String image, String imagePullPolicy, List<EnvVar> env, ResourceRequirements resources, String tmp) {
        return new ContainerBuilder()
                .withImage(image)
                .withImagePullPolicy(imagePullPolicy)
                .withEnv(env)
                .withResources(resources)
                .addNewVolumeMount()
                .withName(tmp)
                .withMountPath("/tmp")
                .endVolumeMount()
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext();
    }

    /** For a pod of one container. */
    public static Volume tmp() {
        return tmp(TMP, null);
    }

    /** @param size at most; null for what the node has */
    public static Volume tmp(String name, @Nullable Quantity size) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .withSizeLimit(size)
                .endEmptyDir()
                .build();
    }
}
