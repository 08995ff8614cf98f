package dev.headrace.internal.ring;

import dev.headrace.linux.FileCalls;

/** What is asked of an open file, but for its bytes: each as a submission, and as a system call. */
public final class FileRequests {
  /** The operation of a request that no ring has: threads do it. */
  static final int NO_OPCODE = 255;

  private FileRequests() {}

  /**
   * To the device: its bytes, and of its metadata what is needed to read them, or all.
   *
   * @param dataOnly fdatasync rather than fsync
   */
  public static Request<Void> sync(OpenFile file, boolean dataOnly) {
    int fd = file.descriptor();
    return SimpleRequest.on(
        file,
        dataOnly ? "syncData" : "syncAll",
        Sqe.FSYNC,
        (flags, tag) -> Sqe.fsync(flags, fd, dataOnly, tag),
        () -> dataOnly ? FileCalls.fdatasync(fd) : FileCalls.fsync(fd));
  }

  /**
   * Reserves room, or gives it back.
   *
   * @param mode {@code FALLOC_FL_…}
   */
  public static Request<Void> allocate(OpenFile file, int mode, long offset, long length) {
    int fd = file.descriptor();
    return SimpleRequest.on(
        file,
        "allocate",
        Sqe.FALLOCATE,
        (flags, tag) -> Sqe.fallocate(flags, fd, mode, offset, length, tag),
        () -> FileCalls.fallocate(fd, mode, offset, length));
  }

  /** Makes it so long; on a ring from Linux 6.9. */
  public static Request<Void> setLength(OpenFile file, long length) {
    int fd = file.descriptor();
    return SimpleRequest.on(
        file,
        "setLength",
        Sqe.FTRUNCATE,
        (flags, tag) -> Sqe.ftruncate(flags, fd, length, tag),
        () -> FileCalls.ftruncate(fd, length));
  }

  /**
   * Says how it will be used.
   *
   * @param advice {@code POSIX_FADV_…}
   */
  public static Request<Void> advise(OpenFile file, long offset, long length, int advice) {
    int fd = file.descriptor();
    return SimpleRequest.on(
        file,
        "advise",
        Sqe.FADVISE,
        (flags, tag) -> Sqe.fadvise(flags, fd, offset, length, advice, tag),
        () -> FileCalls.fadvise(fd, offset, length, advice));
  }

  /** Sets its permission bits; no ring has that. */
  public static Request<Void> setMode(OpenFile file, int mode) {
    int fd = file.descriptor();
    return SimpleRequest.on(
        file,
        "setPermissions",
        NO_OPCODE,
        (flags, tag) -> {
          throw new AssertionError("no ring has fchmod");
        },
        () -> FileCalls.fchmod(fd, mode));
  }
}
