package dev.headrace.linux;

import java.util.BitSet;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One or more CPUs, by the kernel's numbers from 0. Immutable; equal when the CPUs are.
 *
 * <p>Written as {@code taskset -c} takes it: {@code 0,2-3} or, with a stride, {@code 0-7:2}. Works
 * on every system.
 */
public final class CpuSet {
  /** One more than the highest CPU number: the most CPUs that a kernel can be built for. */
  public static final int MAX_CPUS = 8192;

  private static final Pattern PART = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9})(?::(\\d{1,9}))?)?");

  /** Never changed once it is here, never handed out. */
  private final BitSet members;

  private CpuSet(BitSet members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("a CPU set needs a CPU at least");
    }
    this.members = members;
  }

  /**
   * The set of these CPUs.
   *
   * @param cpus at least one, each from 0 to {@link #MAX_CPUS} - 1; in any order, repeats count
   *     once
   * @return the set
   * @throws IllegalArgumentException for no CPU, or one out of range
   */
  public static CpuSet of(int... cpus) {
    BitSet members = new BitSet();
    for (int cpu : cpus) {
      if (cpu < 0 || cpu >= MAX_CPUS) {
        throw new IllegalArgumentException("CPU " + cpu + " is not within 0-" + (MAX_CPUS - 1));
      }
      members.set(cpu);
    }
    return new CpuSet(members);
  }

  /**
   * Reads a CPU list as {@code taskset -c} takes it.
   *
   * @param list numbers and ranges parted by commas, without spaces; a range may have a stride:
   *     {@code 0,2-3,8-14:2}
   * @return the set
   * @throws IllegalArgumentException naming the part that is wrong
   */
  public static CpuSet parse(String list) {
    BitSet members = new BitSet();
    for (String part : list.split(",", -1)) {
      addPart(members, part, list);
    }
    return new CpuSet(members);
  }

  private static void addPart(BitSet members, String part, String list) {
    Matcher matcher = PART.matcher(part);
    if (!matcher.matches()) {
      throw bad(
          list,
          part,
          "is neither a CPU, nor a range such as 2-3, nor one with a stride such as 0-7:2");
    }
    int first = Integer.parseInt(matcher.group(1));
    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
    int stride = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3));
    if (last < first) {
      throw bad(list, part, "runs backwards");
    }
    if (last >= MAX_CPUS) {
      throw bad(list, part, "is beyond the highest CPU number, " + (MAX_CPUS - 1));
    }
    if (stride == 0) {
      throw bad(list, part, "has a stride of zero");
    }
    // A stride may be huge: the sum of two numbers of nine digits still fits an int.
    for (int cpu = first; cpu <= last; cpu += stride) {
      members.set(cpu);
    }
  }

  private static IllegalArgumentException bad(String list, String part, String why) {
    return new IllegalArgumentException("CPU list \"" + list + "\": \"" + part + "\" " + why);
  }

  /**
   * Whether a CPU is one of these.
   *
   * @param cpu its number; one that no kernel has is in no set
   * @return true when it is
   */
  public boolean contains(int cpu) {
    return cpu >= 0 && members.get(cpu);
  }

  /**
   * Whether all the CPUs of another set are in this one.
   *
   * @param other the other set
   * @return true when this is the same set or a larger one
   */
  public boolean containsAll(CpuSet other) {
    BitSet missing = other.toBitSet();
    missing.andNot(members);
    return missing.isEmpty();
  }

  /**
   * How many CPUs these are.
   *
   * @return 1 to {@link #MAX_CPUS}
   */
  public int count() {
    return members.cardinality();
  }

  /**
   * The CPUs' numbers, rising.
   *
   * @return a new array
   */
  public int[] toArray() {
    return members.stream().toArray();
  }

  /** A copy. */
  BitSet toBitSet() {
    return (BitSet) members.clone();
  }

  /** The CPU at each set bit: bit n of an array of longs is CPU n, as in a {@code cpu_set_t}. */
  static CpuSet ofBits(BitSet bits) {
    return new CpuSet((BitSet) bits.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CpuSet that && members.equals(that.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  /**
   * The shortest list of numbers and ranges, rising, such as {@code 0,2-3}: {@link #parse} reads it
   * back.
   */
  @Override
  public String toString() {
    StringJoiner list = new StringJoiner(",");
    for (int first = members.nextSetBit(0); first >= 0; ) {
      int end = members.nextClearBit(first);
      list.add(end - first == 1 ? Integer.toString(first) : first + "-" + (end - 1));
      first = members.nextSetBit(end);
    }
    return list.toString();
  }
}
