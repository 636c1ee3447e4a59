package com.example.wines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class WinesTest {

    private static final BigDecimal THIRTEEN = new BigDecimal("13");

    @Test
    void keepsWhatIsStrongerWithAllItsNumbersAsTheyWere() throws BadRowException {
        assertEquals(
                "{\"alcohol\":14.23,\"hue\":1.040}\n",
                Wines.strongerThan(THIRTEEN, "alcohol,hue\n14.23,1.040\n12.9,0.9\n13,1\n"));
    }

    @Test
    void namesTheLineThatIsNoWine() {
        var text = assertThrows(BadRowException.class, () -> Wines.strongerThan(THIRTEEN, "alcohol\n14\nmuch\n"));
        assertEquals("line 3: \"much\" is not a number", "line " + text.line + ": " + text.getMessage());
        var ragged = assertThrows(BadRowException.class, () -> Wines.strongerThan(THIRTEEN, "alcohol,hue\n14\n"));
        assertEquals("line 2: 1 fields where the header has 2", "line " + ragged.line + ": " + ragged.getMessage());
    }
}
