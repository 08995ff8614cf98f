package dev.headrace.loadgen.load;

/** A queue of primitive longs that grows by doubling and never shrinks. Confined to a loop. */
final class LongQueue {
  private static final int FIRST_CAPACITY = 16;

  private long[] items = new long[FIRST_CAPACITY];
  private int head;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  void add(long item) {
    if (size == items.length) {
      long[] larger = new long[2 * size];
      int untilEnd = size - head;
      System.arraycopy(items, head, larger, 0, untilEnd);
      System.arraycopy(items, 0, larger, untilEnd, head);
      items = larger;
      head = 0;
    }
    items[(head + size++) & (items.length - 1)] = item;
  }

  void clear() {
    size = 0;
  }

  long remove() {
    assert size > 0 : "the queue is empty: ask isEmpty() first";
    long item = items[head];
    head = (head + 1) & (items.length - 1);
    size--;
    return item;
  }
}
