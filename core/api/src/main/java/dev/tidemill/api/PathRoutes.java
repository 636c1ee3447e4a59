package dev.tidemill.api;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whither the paths of a namespace lead: each to what is at it and below it, the longest that fits first.
 *
 * @param <T> what answers
 */
public final class PathRoutes<T> {

    private final Map<String, T> routes = new TreeMap<>();

    public PathRoutes(Map<String, T> routes) {
        routes.forEach((path, to) -> this.routes.put(plain(path), to));
    }

    /** {@code /mean/} is {@code /mean}. */
    public static String plain(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** What answers a request for that path, as it stands in the request, escapes and all. */
    public Optional<T> leading(String request) {
        return routes.entrySet().stream()
                .filter(route -> leads(route.getKey(), request))
                .max(Comparator.comparingInt(route -> route.getKey().length()))
                .map(Map.Entry::getValue);
    }

    private static boolean leads(String path, String request) {
        return path.equals("/") || request.equals(path) || request.startsWith(path + "/");
    }
}
