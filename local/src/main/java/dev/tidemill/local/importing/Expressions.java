package dev.tidemill.local.importing;

/** How a file's language writes values that are not there literally. */
interface Expressions {

    /** One value; unknown, with the reason, where it takes what only AWS has. */
    Value value(Item item);

    /** What stands behind a reference to a whole section; the item itself where it is none. */
    default Item behind(Item item) {
        return item;
    }

    /** Whether the item is written as an expression, and not as the map that it looks like. */
    static boolean isIntrinsic(Item item) {
        var only = item.only();
        return only != null && (only.getKey().equals("Ref") || only.getKey().startsWith("Fn::"));
    }
}
