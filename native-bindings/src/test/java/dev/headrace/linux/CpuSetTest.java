package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuSetTest {
  @Test
  void parsesNumbersAndRanges() {
    assertArrayEquals(new int[] {0, 2, 3, 9}, CpuSet.parse("0,2-3,9").toArray());
  }

  @Test
  void parsesARangeWithAStride() {
    assertArrayEquals(new int[] {0, 2, 4, 6}, CpuSet.parse("0-7:2").toArray());
  }

  @Test
  void takesAStrideLongerThanItsRangeAsTheFirstCpuOnly() {
    assertArrayEquals(new int[] {1}, CpuSet.parse("1-8191:999999999").toArray());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0,2-3;0,2-3",
        "3,2,0;0,2-3",
        "0-7:2;0,2,4,6",
        "1,1,1;1",
        "0-3,2-5;0-5",
        "8191;8191"
      })
  void printsTheShortestListThatReadsBack(String list, String printed) {
    CpuSet set = CpuSet.parse(list);
    assertEquals(printed, set.toString());
    assertEquals(set, CpuSet.parse(printed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1,", ",1", "1-", "-1", "1:2", "1-3:", "0 ,1", "0x1", "1--2"})
  void refusesWhatIsNoList(String list) {
    assertTrue(refusal(list).startsWith("CPU list \"" + list + "\": \""), refusal(list));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0,3-1;\"3-1\" runs backwards",
        "0-7:0;\"0-7:0\" has a stride of zero",
        "0-8192;\"0-8192\" is beyond the highest CPU number, 8191",
        "4000000000;\"4000000000\" is neither",
      })
  void namesThePartThatIsWrong(String list, String complaint) {
    assertTrue(refusal(list).contains(complaint), refusal(list));
  }

  @Test
  void refusesACpuOutOfRangeAndAnEmptySet() {
    assertThrows(IllegalArgumentException.class, () -> CpuSet.of(-1));
    assertThrows(IllegalArgumentException.class, () -> CpuSet.of(CpuSet.MAX_CPUS));
    assertThrows(IllegalArgumentException.class, CpuSet::of);
  }

  @Test
  void tellsItsMembers() {
    CpuSet set = CpuSet.of(5, 1, 5);
    assertEquals(2, set.count());
    assertTrue(set.contains(5));
    assertFalse(set.contains(0));
    assertFalse(set.contains(-1));
    assertTrue(CpuSet.parse("0-7").containsAll(set));
    assertFalse(set.containsAll(CpuSet.parse("0-7")));
  }

  @Test
  void isEqualByItsCpus() {
    assertEquals(CpuSet.of(0, 1), CpuSet.parse("0-1"));
    assertEquals(CpuSet.of(0, 1).hashCode(), CpuSet.parse("0-1").hashCode());
    assertNotEquals(CpuSet.of(0), CpuSet.of(1));
  }

  @Test
  void staysAsItWasWhenItsArrayIsChanged() {
    CpuSet set = CpuSet.of(3);
    set.toArray()[0] = 4;
    assertEquals("3", set.toString());
  }

  private static String refusal(String list) {
    return assertThrows(IllegalArgumentException.class, () -> CpuSet.parse(list)).getMessage();
  }
}
