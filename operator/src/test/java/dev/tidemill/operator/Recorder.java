package dev.tidemill.operator;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;

/** Writes down what a client asks of an API server, in the words of RBAC. */
final class Recorder implements Interceptor {

    /** A right: the verb, and the resource with its subresource and its group. */
    record Use(String verb, String resource) implements Comparable<Use> {

        static Use of(String verb, String group, String resource) {
            return new Use(verb, group.isEmpty() ? resource : resource + "." + group);
        }

        @Override
        public int compareTo(Use other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return resource + " " + verb;
        }
    }

    private final Set<Use> used = new ConcurrentSkipListSet<>();
    private final Set<String> forbidden = new ConcurrentSkipListSet<>();

    Set<Use> used() {
        return new TreeSet<>(used);
    }

    Set<String> forbidden() {
        return new TreeSet<>(forbidden);
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        // A watch is no answer for as long as it stands.
        note(request.method(), request.uri(), 0);
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        note(request.method(), request.uri(), response.code());
    }

    @Override
    public CompletableFuture<Boolean> afterFailure(BasicBuilder builder, HttpResponse<?> response, RequestTags tags) {
        note(response.request().method(), response.request().uri(), response.code());
        return CompletableFuture.completedFuture(false);
    }

    private void note(String method, URI uri, int code) {
        var path = new ArrayList<>(List.of(uri.getPath().substring(1).split("/")));
        if (path.size() < 3 || !Set.of("api", "apis").contains(path.getFirst())) {
            return;
        }
        var group = path.getFirst().equals("api") ? "" : path.get(1);
        path.subList(0, group.isEmpty() ? 2 : 3).clear();
        if (path.size() > 2 && path.getFirst().equals("namespaces")) {
            path.subList(0, 2).clear();
        }
        if (path.isEmpty()) {
            return;
        }
        var resource = path.size() > 2 ? path.get(0) + "/" + path.get(2) : path.getFirst();
        var query = uri.getQuery() == null ? "" : uri.getQuery();
        var verb = switch (method) {
            case "GET" -> query.contains("watch=true") ? "watch" : path.size() > 1 ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> path.size() > 1 ? "delete" : "deletecollection";
            default -> method;
        };
        used.add(Use.of(verb, group, resource));
        if (code == 201) {
            // To apply what is not there needs the right to create it.
            used.add(Use.of("create", group, resource));
        }
        if (code == 403) {
            forbidden.add(method + " " + uri.getPath());
        }
    }
}
