package dev.headrace.loadgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PairedRatioTest {
  @Test
  void comparesRoundByRoundSoThatDriftOfBothSidesCancels() {
    double[] base = {100, 200, 50, 400, 10};
    double[] side = {110, 220, 55, 440, 11};
    PairedRatio ratio = PairedRatio.of(side, base);
    assertEquals(1.1, ratio.median(), 1e-9);
    assertEquals(1.1, ratio.low(), 1e-9);
    assertEquals(1.1, ratio.high(), 1e-9);
  }

  @Test
  void theIntervalHoldsTheMedianAndStaysWithinTheRounds() {
    double[] base = {1, 1, 1, 1, 1, 1, 1};
    double[] side = {0.5, 0.9, 1.0, 1.1, 1.2, 1.3, 9.0};
    PairedRatio ratio = PairedRatio.of(side, base);
    assertEquals(1.1, ratio.median(), 1e-9);
    assertTrue(0.5 <= ratio.low() && ratio.low() <= ratio.median());
    assertTrue(ratio.median() <= ratio.high() && ratio.high() <= 9.0);
    assertEquals(ratio, PairedRatio.of(side, base), "the same rounds give the same interval");
  }

  @Test
  void sidesOfDifferentLengthAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> PairedRatio.of(new double[] {1}, new double[0]));
  }
}
