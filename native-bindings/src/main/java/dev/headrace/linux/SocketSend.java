package dev.headrace.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Sending from the caller's memory, without waiting. Any thread may call it. */
public final class SocketSend {
  // bits/socket.h
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_MORE = 0x8000;

  private SocketSend() {}

  /**
   * Sends what the kernel has room for, whether or not the descriptor blocks.
   *
   * @param descriptor a connected socket, which the caller keeps open meanwhile
   * @param source a direct buffer; its position is moved past what was sent
   * @return how many bytes were sent; 0 when there is no room now
   * @throws LinuxException EPIPE when the output has ended, ECONNRESET when the peer has vanished
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static int now(int descriptor, ByteBuffer source) throws LinuxException {
    return send(descriptor, source, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  /**
   * The same, while more follows at once: what does not fill a packet may wait for that. A head
   * that went off in a packet of its own would wake its reader early, who then takes part in
   * receiving what follows: at twice the cost for it.
   *
   * @param descriptor a connected socket, which the caller keeps open meanwhile
   * @param source a direct buffer; its position is moved past what was sent
   * @return how many bytes were sent; 0 when there is no room now
   * @throws LinuxException as {@link #now} does
   */
  public static int nowWithMore(int descriptor, ByteBuffer source) throws LinuxException {
    return send(descriptor, source, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
  }

  private static int send(int descriptor, ByteBuffer source, int flags) throws LinuxException {
    Linux.require("send");
    if (!source.isDirect()) {
      throw new IllegalArgumentException(
          "the kernel sends from direct buffers, not from " + source);
    }
    if (!source.hasRemaining()) {
      return 0;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment callState = arena.allocate(Libc.CALL_STATE);
      MemorySegment bytes = MemorySegment.ofBuffer(source);
      while (true) {
        long sent = Libc.send(callState, descriptor, bytes, flags);
        if (sent >= 0) {
          source.position(source.position() + (int) sent);
          return (int) sent;
        }
        int errno = Libc.errno(callState).number();
        if (errno == Errno.EAGAIN) {
          return 0;
        }
        if (errno != Errno.EINTR) {
          throw Libc.failure("send", "descriptor " + descriptor, callState);
        }
      }
    }
  }

  /**
   * Sends from a file what the kernel has room for, whether or not the socket blocks. Pages that
   * are not in the page cache are read meanwhile, and the caller waits: look with {@link
   * FileCalls#isCached} first.
   *
   * @param descriptor a connected socket, which nobody else uses meanwhile
   * @param file open to read, and can be mapped
   * @param offset where in the file
   * @param length how many bytes at most
   * @return how many bytes were sent, 0 at the end of the file; or minus the errno, EAGAIN when
   *     there is no room now
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static long file(int descriptor, int file, long offset, long length) {
    Linux.require("sendfile");
    int flags = FileDowncalls.statusFlags(descriptor);
    if (flags < 0) {
      return flags;
    }
    // sendfile takes no flags of its own, and the sockets of a ring's accept are blocking ones.
    boolean blocks = (flags & FileFlags.O_NONBLOCK) == 0;
    if (blocks) {
      FileDowncalls.setStatusFlags(descriptor, flags | FileFlags.O_NONBLOCK);
    }
    try {
      return CopyDowncalls.sendfile(descriptor, file, offset, length);
    } finally {
      if (blocks) {
        FileDowncalls.setStatusFlags(descriptor, flags);
      }
    }
  }
}
