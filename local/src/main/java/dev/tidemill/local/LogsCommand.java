package dev.tidemill.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill logs}. */
@Command(
        name = "logs",
        description = "Prints what a function has written.",
        footer = {"", "Exit status: 0 printed, 2 wrong usage, or it has written nothing here."})
final class LogsCommand implements Callable<Integer> {

    private static final int READ = 64 << 10;

    @Parameters(paramLabel = "function/NAME", description = "The Function.")
    private String reference = "";

    @Option(
            names = {"-n", "--namespace"},
            description = "Its namespace.")
    private String namespace = ResourceBook.DEFAULT_NAMESPACE;

    @Option(
            names = {"-f", "--follow"},
            description = "Goes on until Ctrl-C.")
    private boolean follow;

    @Option(names = "--tail", paramLabel = "LINES", description = "Only the last lines.")
    private int tail = Integer.MAX_VALUE;

    @Mixin
    private DataDirOption data = new DataDirOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        String name = Kinds.name("function", reference);
        Path log = data.open().log(namespace, name);
        if (!Files.exists(log)) {
            throw new UsageException("function/%s has written nothing here: there is no %s".formatted(name, log));
        }
        try (FileChannel channel = FileChannel.open(log)) {
            channel.position(start(channel));
            InputStream in = Channels.newInputStream(channel);
            in.transferTo(System.out);
            while (follow) {
                System.out.flush();
                Thread.sleep(200);
                in.transferTo(System.out);
            }
        }
        System.out.flush();
        return 0;
    }

    /** Where the last lines begin, found from the end: a log may be larger than memory. */
    private long start(FileChannel log) throws IOException {
        long at = log.size();
        int lines = 0;
        java.nio.ByteBuffer block = java.nio.ByteBuffer.allocate(READ);
        while (at > 0 && tail < Integer.MAX_VALUE) {
            long from = Math.max(0, at - READ);
            block.clear().limit((int) (at - from));
            log.read(block, from);
            for (int i = block.position() - 1; i >= 0; i--) {
                boolean last = from + i == log.size() - 1;
                if (block.get(i) == '\n' && !last && ++lines == tail) {
                    return from + i + 1;
                }
            }
            at = from;
        }
        return 0;
    }
}
