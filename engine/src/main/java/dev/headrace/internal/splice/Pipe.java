package dev.headrace.internal.splice;

import dev.headrace.linux.Descriptors;
import dev.headrace.linux.FileCalls;

/** A kernel pipe that bytes pass through between two sockets. Confined to its loop. */
final class Pipe {
  // linux/splice.h
  private static final int SPLICE_F_MOVE = 1;
  private static final int SPLICE_F_NONBLOCK = 2;

  private final int readEnd;
  private final int writeEnd;
  private final int sizeBytes;
  private int heldBytes;

  Pipe(Descriptors.Pair ends, int wantedBytes) {
    this.readEnd = ends.first();
    this.writeEnd = ends.second();
    // Refused to a user who has many pipes: then it holds what the kernel gives by default.
    FileCalls.setPipeSize(writeEnd, wantedBytes);
    this.sizeBytes = wantedBytes;
  }

  /** What is in it. */
  int heldBytes() {
    return heldBytes;
  }

  /** Takes from a socket: how many bytes, 0 at the end, or minus the errno. */
  int fillFrom(int socket) {
    int count =
        (int) FileCalls.splice(socket, -1, writeEnd, sizeBytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    heldBytes += Math.max(0, count);
    return count;
  }

  /** Gives to a socket: how many bytes, or minus the errno. */
  int emptyInto(int socket) {
    int count =
        (int) FileCalls.splice(readEnd, -1, socket, heldBytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    heldBytes -= Math.max(0, count);
    return count;
  }

  void close() {
    Descriptors.close(readEnd);
    Descriptors.close(writeEnd);
  }
}
