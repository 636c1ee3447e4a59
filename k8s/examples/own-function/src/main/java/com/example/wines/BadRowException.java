package com.example.wines;

/** A row that will be wrong however often it is read. */
class BadRowException extends Exception {

    private static final long serialVersionUID = 1;

    final int line;

    BadRowException(int line, String message) {
        super(message);
        this.line = line;
    }
}
