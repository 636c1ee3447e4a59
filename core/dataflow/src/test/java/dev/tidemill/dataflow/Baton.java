package dev.tidemill.dataflow;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.IntUnaryOperator;

/**
 * Runs several actors on threads of their own, but only ever one of them: after each step a dice says who goes on. So that a
 * schedule is the same each time its seed is played.
 */
final class Baton {

    private final IntUnaryOperator dice;
    private final List<Semaphore> gates = new ArrayList<>();
    private final List<Integer> alive = new ArrayList<>();
    private final Semaphore over = new Semaphore(0);

    /** @param dice a number below the given one */
    Baton(IntUnaryOperator dice) {
        this.dice = dice;
    }

    /** Plays until all actors have ended; what one of them throws is the actor's own business. */
    void play(List<Runnable> actors) throws InterruptedException {
        for (int i = 0; i < actors.size(); i++) {
            gates.add(new Semaphore(0));
            alive.add(i);
        }
        for (int i = 0; i < actors.size(); i++) {
            int actor = i;
            Thread.ofVirtual().start(() -> {
                gates.get(actor).acquireUninterruptibly();
                try {
                    actors.get(actor).run();
                } finally {
                    alive.remove(Integer.valueOf(actor));
                    if (alive.isEmpty()) {
                        over.release();
                    } else {
                        gates.get(pick()).release();
                    }
                }
            });
        }
        gates.get(pick()).release();
        over.acquire();
    }

    /** Called by the actor whose turn it is, between two of its steps. */
    void step(int actor) {
        int next = pick();
        if (next != actor) {
            gates.get(next).release();
            gates.get(actor).acquireUninterruptibly();
        }
    }

    private int pick() {
        return alive.get(dice.applyAsInt(alive.size()));
    }
}
