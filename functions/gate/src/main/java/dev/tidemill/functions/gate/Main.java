package dev.tidemill.functions.gate;

/** Starts the gate as its environment says, and stays. */
public final class Main {

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        // Heap buffers will do, and the JDK warns of the memory access that Netty prefers.
        System.setProperty("io.netty.noUnsafe", "true");
        Gate gate = Gate.start(Settings.of(System.getenv()));
        Runtime.getRuntime().addShutdownHook(new Thread(gate::close, "ending"));
        gate.await();
    }
}
