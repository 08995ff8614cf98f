package dev.headrace.loadgen.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  @Test
  void the_loops_shares_together_are_the_uniform_schedule() {
    LongSupplier even = Arrivals.UNIFORM.schedule(3, new int[] {0, 2}, 3, 1);
    LongSupplier odd = Arrivals.UNIFORM.schedule(3, new int[] {1}, 3, 1);
    long[] all =
        LongStream.concat(LongStream.generate(even).limit(6), LongStream.generate(odd).limit(3))
            .sorted()
            .toArray();
    long[] expected = LongStream.range(0, 9).map(k -> Math.round(k * 1e9 / 3)).toArray();
    assertTrue(Arrays.equals(expected, all), Arrays.toString(all));
  }

  @Test
  void a_rate_below_one_a_second_is_kept() {
    LongSupplier slow = Arrivals.UNIFORM.schedule(0.25, new int[] {0}, 1, 1);
    assertEquals(0, slow.getAsLong());
    assertEquals(4_000_000_000L, slow.getAsLong());
  }

  @Test
  void random_arrivals_are_the_same_for_the_same_seed_and_have_the_rate_that_was_asked() {
    LongSupplier one = Arrivals.POISSON.schedule(2000, new int[] {0, 2}, 4, 7);
    LongSupplier two = Arrivals.POISSON.schedule(2000, new int[] {0, 2}, 4, 7);
    long last = 0;
    for (int i = 0; i < 10_000; i++) {
      long next = one.getAsLong();
      assertEquals(next, two.getAsLong());
      assertTrue(next >= last);
      last = next;
    }
    assertEquals(10.0, last / 1e9, 0.5); // half of the lanes: 1000 a second
  }

  @Test
  void a_queue_keeps_its_order_while_it_grows_around_its_end() {
    LongQueue queue = new LongQueue();
    long added = 0;
    long removed = 0;
    for (int round = 0; round < 200; round++) {
      for (int i = 0; i < 3; i++) {
        queue.add(added++);
      }
      assertEquals(removed++, queue.remove());
    }
    assertEquals(added - removed, queue.size());
    while (!queue.isEmpty()) {
      assertEquals(removed++, queue.remove());
    }
  }
}
