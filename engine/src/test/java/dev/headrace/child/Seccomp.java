package dev.headrace.child;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** Makes the kernel refuse system calls of this process for good, as a container's filter does. */
final class Seccomp {
  static final int EPERM = 1;
  static final int ENOMEM = 12;
  static final int EINVAL = 22;
  static final int ENOSYS = 38;

  /** These two have the same number on every architecture. */
  static final int IO_URING_SETUP = 425;

  static final int IO_URING_REGISTER = 427;

  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  private static final int SECCOMP = ARM ? 277 : 317;
  private static final int PRCTL = ARM ? 167 : 157;

  // linux/prctl.h, linux/seccomp.h
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int SECCOMP_SET_MODE_FILTER = 1;
  private static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
  private static final int SECCOMP_RET_ERRNO = 0x0005_0000;
  private static final int SECCOMP_RET_ALLOW = 0x7fff_0000;

  // linux/bpf_common.h: BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ, BPF_JMP|BPF_JGT, BPF_RET
  private static final short LOAD = 0x20;
  private static final short JUMP_EQUAL = 0x15;
  private static final short JUMP_GREATER = 0x25;
  private static final short RETURN = 0x06;

  // struct seccomp_data: int nr; u32 arch; u64 ip; u64 args[6]; little-endian low words
  private static final int NUMBER = 0;
  private static final int FIRST_ARGUMENT = 16;
  private static final int SECOND_ARGUMENT = 24;

  private record Instruction(short code, int jumpTrue, int jumpFalse, int value) {}

  private Seccomp() {}

  /** Answers every such call with an errno. */
  static void refuse(int systemCall, int errno) {
    install(
        List.of(
            new Instruction(LOAD, 0, 0, NUMBER),
            new Instruction(JUMP_EQUAL, 0, 1, systemCall),
            new Instruction(RETURN, 0, 0, SECCOMP_RET_ERRNO | errno),
            new Instruction(RETURN, 0, 0, SECCOMP_RET_ALLOW)));
  }

  /** Answers io_uring_register with an operation by an errno. */
  static void refuseRegister(int operation, int errno) {
    refuseArgument(IO_URING_REGISTER, SECOND_ARGUMENT, JUMP_EQUAL, operation, errno);
  }

  /** Answers io_uring_setup of more than some entries by an errno. */
  static void refuseRingsAbove(int entries, int errno) {
    refuseArgument(IO_URING_SETUP, FIRST_ARGUMENT, JUMP_GREATER, entries, errno);
  }

  private static void refuseArgument(
      int systemCall, int argument, short jump, int value, int errno) {
    install(
        List.of(
            new Instruction(LOAD, 0, 0, NUMBER),
            new Instruction(JUMP_EQUAL, 0, 3, systemCall),
            new Instruction(LOAD, 0, 0, argument),
            new Instruction(jump, 0, 1, value),
            new Instruction(RETURN, 0, 0, SECCOMP_RET_ERRNO | errno),
            new Instruction(RETURN, 0, 0, SECCOMP_RET_ALLOW)));
  }

  private static void install(List<Instruction> filter) {
    try (Arena arena = Arena.ofConfined()) {
      // struct sock_filter: u16 code; u8 jt; u8 jf; u32 k
      MemorySegment program = arena.allocate(8L * filter.size(), 8);
      for (int i = 0; i < filter.size(); i++) {
        Instruction instruction = filter.get(i);
        program.set(JAVA_SHORT, 8L * i, instruction.code);
        program.set(JAVA_BYTE, 8L * i + 2, (byte) instruction.jumpTrue);
        program.set(JAVA_BYTE, 8L * i + 3, (byte) instruction.jumpFalse);
        program.set(JAVA_INT, 8L * i + 4, instruction.value);
      }
      // struct sock_fprog: u16 len; struct sock_filter *filter
      MemorySegment head = arena.allocate(16, 8);
      head.set(JAVA_SHORT, 0, (short) filter.size());
      head.set(ADDRESS, 8, program);
      call(PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0);
      call(SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, head.address());
    }
  }

  @SuppressWarnings("restricted")
  private static void call(long number, long first, long second, long third) {
    Linker linker = Linker.nativeLinker();
    MethodHandle syscall =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    try {
      long result = (long) syscall.invokeExact(number, first, second, third, 0L, 0L);
      if (result != 0) {
        throw new IllegalStateException("system call " + number + " failed: " + result);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
