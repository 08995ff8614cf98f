package dev.headrace.internal.ring;

import dev.headrace.linux.FileCalls;
import dev.headrace.linux.FileFlags;
import dev.headrace.linux.Statx;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;

/** Metadata of an open file, or of a path. A ring always gives it to a kernel worker. */
public final class StatRequest implements Request<Statx> {
  private static final int MASK = FileFlags.STATX_BASIC_STATS | FileFlags.STATX_BTIME;

  private final int directory;
  private final String what;
  private final long path;
  private final int atFlags;
  private final Runnable releasePath;
  private final ByteBuf answer = Unpooled.directBuffer(Statx.SIZE_BYTES);
  private long result;

  private StatRequest(int directory, String what, long path, int atFlags, Runnable releasePath) {
    this.directory = directory;
    this.what = what;
    this.path = path;
    this.atFlags = atFlags;
    this.releasePath = releasePath;
  }

  /** Of an open file. */
  public static StatRequest of(OpenFile file) {
    ByteBuf empty = Unpooled.directBuffer(1).writeByte(0);
    return new StatRequest(
        file.descriptor(),
        file.path(),
        empty.memoryAddress(),
        FileFlags.AT_EMPTY_PATH,
        empty::release);
  }

  /**
   * Of an open file, as far as the kernel has it: asks no server of a network file system, and
   * waits for nothing.
   */
  public static Statx now(OpenFile file) throws IOException {
    StatRequest request = of(file);
    try {
      request.again(
          FileCalls.statx(
              request.directory,
              request.path,
              request.atFlags | FileFlags.AT_STATX_DONT_SYNC,
              MASK,
              request.answer.memoryAddress()));
      return request.value();
    } finally {
      request.release();
    }
  }

  /**
   * Of a path.
   *
   * @param path the request's to release
   * @param followLinks whether that of what a symbolic link at the end leads to
   */
  public static StatRequest of(CPath path, boolean followLinks) {
    return new StatRequest(
        FileFlags.AT_FDCWD,
        path.text(),
        path.address(),
        followLinks ? 0 : FileFlags.AT_SYMLINK_NOFOLLOW,
        path::release);
  }

  @Override
  public String name() {
    return "metadata";
  }

  @Override
  public int opcode() {
    return Sqe.STATX;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    return Sqe.statx(flags, directory, path, atFlags, MASK, answer.memoryAddress(), tag);
  }

  @Override
  public long call() {
    return FileCalls.statx(directory, path, atFlags, MASK, answer.memoryAddress());
  }

  @Override
  public boolean again(long given) {
    result = given;
    return false;
  }

  @Override
  public Statx value() throws IOException {
    if (result < 0) {
      throw FileFailures.of("metadata", what, result);
    }
    return Statx.read(answer.memoryAddress());
  }

  @Override
  public void release() {
    releasePath.run();
    answer.release();
  }
}
