package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Pipes, and what is done with any descriptor. Those that are made here never block and are closed
 * on exec. Any thread may call any method; whoever does keeps the descriptor open meanwhile.
 */
public final class Descriptors {
  private Descriptors() {}

  /**
   * The two ends of a pipe, or the two sockets of a pair.
   *
   * @param first the end that is read, of a pipe
   * @param second the end that is written, of a pipe
   */
  public record Pair(int first, int second) {}

  /**
   * Makes a pipe.
   *
   * @return its two ends
   * @throws LinuxException when the kernel refuses
   */
  public static Pair pipe() throws LinuxException {
    Linux.require("pipe2");
    int[] ends = new int[2];
    check(
        "pipe2",
        "",
        DescriptorCalls.make(
            (arena, state) -> {
              MemorySegment both = arena.allocate(JAVA_INT, 2);
              int flags = SocketAbi.O_CLOEXEC | SocketAbi.O_NONBLOCK;
              int result = DescriptorCalls.pipe2(state, both, flags);
              ends[0] = both.getAtIndex(JAVA_INT, 0);
              ends[1] = both.getAtIndex(JAVA_INT, 1);
              return result;
            }));
    return new Pair(ends[0], ends[1]);
  }

  /**
   * Makes a named pipe.
   *
   * @param path where
   * @param mode the permissions, such as {@code 0600}, less the process's umask
   * @throws LinuxException when the kernel refuses
   */
  public static void makeFifo(Path path, int mode) throws LinuxException {
    Linux.require("mkfifo");
    check(
        "mkfifo",
        path.toString(),
        DescriptorCalls.make(
            (arena, state) ->
                DescriptorCalls.mkfifo(state, arena.allocateFrom(path.toString()), mode)));
  }

  /**
   * Opens what is there, without waiting for anybody at its other end.
   *
   * @param path what
   * @return a descriptor that is read
   * @throws LinuxException when the kernel refuses
   */
  public static int openToRead(Path path) throws LinuxException {
    return open(path, SocketAbi.O_RDONLY);
  }

  /**
   * Opens what is there; a named pipe that nobody reads is refused with ENXIO.
   *
   * @param path what
   * @return a descriptor that is written
   * @throws LinuxException when the kernel refuses
   */
  public static int openToWrite(Path path) throws LinuxException {
    return open(path, SocketAbi.O_WRONLY);
  }

  private static int open(Path path, int access) throws LinuxException {
    Linux.require("open");
    int flags = access | SocketAbi.O_CLOEXEC | SocketAbi.O_NONBLOCK;
    return (int)
        check(
            "open",
            path.toString(),
            DescriptorCalls.make(
                (arena, state) ->
                    DescriptorCalls.open(state, arena.allocateFrom(path.toString()), flags)));
  }

  /**
   * Reads.
   *
   * @param fd from where
   * @param target a direct buffer; its position moves
   * @return how many bytes, 0 at the end; or minus the errno, such as {@code -}{@link Errno#EAGAIN}
   */
  public static int read(int fd, ByteBuffer target) {
    MemorySegment into = MemorySegment.ofBuffer(target);
    int count = (int) DescriptorCalls.make((arena, state) -> DescriptorCalls.read(state, fd, into));
    if (count > 0) {
      target.position(target.position() + count);
    }
    return count;
  }

  /**
   * Writes. The process must ignore SIGPIPE, as every JVM does.
   *
   * @param fd where to
   * @param source a direct buffer; its position moves
   * @return how many bytes; or minus the errno, such as {@code -}{@link Errno#EAGAIN}
   */
  public static int write(int fd, ByteBuffer source) {
    MemorySegment from = MemorySegment.ofBuffer(source);
    int count =
        (int) DescriptorCalls.make((arena, state) -> DescriptorCalls.write(state, fd, from));
    if (count > 0) {
      source.position(source.position() + count);
    }
    return count;
  }

  /**
   * Makes calls return EAGAIN that would wait. It is the open file that changes, for everybody who
   * has it.
   *
   * @param fd which
   * @return 0; or minus the errno
   */
  public static int setNonBlocking(int fd) {
    Linux.require("fcntl");
    int flags = FileDowncalls.statusFlags(fd);
    return flags < 0 || (flags & FileFlags.O_NONBLOCK) != 0
        ? Math.min(flags, 0)
        : FileDowncalls.setStatusFlags(fd, flags | FileFlags.O_NONBLOCK);
  }

  /**
   * Closes.
   *
   * @param fd is free from now on, whatever the kernel answers
   */
  public static void close(int fd) {
    DescriptorCalls.make((arena, state) -> DescriptorCalls.close(state, fd));
  }

  /** The result of a call, or what it failed with. */
  static long check(String operation, String resource, long result) throws LinuxException {
    if (result < 0) {
      throw new LinuxException(operation, resource, Errno.of((int) -result));
    }
    return result;
  }
}
