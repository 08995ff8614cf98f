package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** Which operations the running kernel's io_uring knows, asked of a ring that is closed again. */
public final class IoUringProbe {
  private static final int ENTRIES = 4;
  private static final int OPCODES = 256;

  private IoUringProbe() {}

  /**
   * Asks the kernel. Each call makes a ring and closes it, so the answer is worth keeping; a
   * sandbox may also answer differently once it has tightened.
   *
   * @return the numbers of the operations, {@code IORING_OP_} of linux/io_uring.h, such as 22 of
   *     READ, in a set of the caller's own; empty where a ring is refused or cannot be asked:
   *     elsewhere than on Linux, before 5.6, by {@code kernel.io_uring_disabled}, by seccomp
   * @throws UnsupportedOperationException where the JVM denies native access
   */
  public static BitSet opcodes() {
    if (!Linux.isPresent()) {
      return new BitSet();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parameters =
          arena.allocate(FileAbi.IO_URING_PARAMS_BYTES, Long.BYTES); // all zero, as it must be
      long ring =
          NumberedCalls.syscall(FileAbi.NR_IO_URING_SETUP, ENTRIES, parameters.address(), 0, 0);
      if (ring < 0) {
        return new BitSet();
      }
      try {
        return opcodes((int) ring, arena);
      } finally {
        FileDowncalls.close((int) ring);
      }
    }
  }

  private static BitSet opcodes(int ring, Arena arena) {
    long header = FileAbi.IO_URING_PROBE.byteSize();
    long each = FileAbi.IO_URING_PROBE_OP.byteSize();
    MemorySegment probe = arena.allocate(header + OPCODES * each, Long.BYTES);
    BitSet opcodes = new BitSet();
    long result =
        NumberedCalls.syscall(
            FileAbi.NR_IO_URING_REGISTER,
            ring,
            FileAbi.IORING_REGISTER_PROBE,
            probe.address(),
            OPCODES);
    if (result < 0) {
      return opcodes;
    }
    int count = Byte.toUnsignedInt(probe.get(JAVA_BYTE, FileAbi.PROBE_OPS_LEN));
    for (int i = 0; i < count; i++) {
      MemorySegment operation = probe.asSlice(header + i * each, each);
      int flags = operation.get(JAVA_SHORT, FileAbi.PROBE_OP_FLAGS);
      if ((flags & FileAbi.IO_URING_OP_SUPPORTED) != 0) {
        opcodes.set(Byte.toUnsignedInt(operation.get(JAVA_BYTE, FileAbi.PROBE_OP_OP)));
      }
    }
    return opcodes;
  }
}
