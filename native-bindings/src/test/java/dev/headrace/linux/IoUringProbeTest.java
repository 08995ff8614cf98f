package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class IoUringProbeTest {
  static final int IORING_OP_READ = 22;

  @Test
  void knowsWhatEveryRingThatCanBeAskedKnows() {
    BitSet opcodes = IoUringProbe.opcodes();
    assumeFalse(opcodes.isEmpty(), "this host refuses io_uring, or is older than Linux 5.6");
    // IORING_OP_NOP to IORING_OP_EPOLL_CTL, 29, came no later than the probe itself.
    assertTrue(opcodes.nextClearBit(0) > IORING_OP_READ, opcodes::toString);
    assertTrue(opcodes.length() < 256, opcodes::toString);
  }

  @Test
  void givesEachCallerASetOfItsOwn() {
    BitSet opcodes = IoUringProbe.opcodes();
    BitSet expected = (BitSet) opcodes.clone();
    opcodes.flip(0, 256);
    assertEquals(expected, IoUringProbe.opcodes());
  }

  @Test
  void leavesNoDescriptorOpen() throws Exception {
    assumeFalse(IoUringProbe.opcodes().isEmpty(), "this host refuses io_uring");
    for (int i = 0; i < 3; i++) {
      IoUringProbe.opcodes();
    }
    assertEquals(0, openRings());
  }

  private static long openRings() throws Exception {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(IoUringProbeTest::isRing).count();
    }
  }

  private static boolean isRing(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("[io_uring]");
    } catch (IOException itWasTheListsOwn) {
      return false;
    }
  }
}
