package dev.headrace.internal.ring;

import dev.headrace.linux.FileCalls;
import dev.headrace.linux.FileFlags;
import java.nio.file.Path;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What is asked of names: each as a submission, and as a system call. */
public final class PathRequests {
  private static final int ALL_PERMISSIONS = 0777;

  private PathRequests() {}

  /** Takes a name away that is no directory's; on a ring from Linux 5.11. */
  public static Request<Void> remove(Path path) {
    return on(
        path,
        of ->
            SimpleRequest.on(
                of,
                "remove",
                Sqe.UNLINKAT,
                (flags, tag) -> Sqe.unlinkat(flags, of.address(), 0, tag),
                () -> FileCalls.unlinkat(of.address(), 0)));
  }

  /** Removes an empty directory; on a ring from Linux 5.11. */
  public static Request<Void> removeDirectory(Path path) {
    int directory = FileFlags.AT_REMOVEDIR;
    return on(
        path,
        of ->
            SimpleRequest.on(
                of,
                "removeDirectory",
                Sqe.UNLINKAT,
                (flags, tag) -> Sqe.unlinkat(flags, of.address(), directory, tag),
                () -> FileCalls.unlinkat(of.address(), directory)));
  }

  /**
   * Gives it another name, as one step; on a ring from Linux 5.11.
   *
   * @param replaces what has that name
   */
  public static Request<Void> rename(Path from, Path to, boolean replaces) {
    int how = replaces ? 0 : FileFlags.RENAME_NOREPLACE;
    return on(
        from,
        to,
        (one, other) ->
            SimpleRequest.on(
                one,
                other,
                "rename",
                Sqe.RENAMEAT,
                (flags, tag) -> Sqe.renameat(flags, one.address(), other.address(), how, tag),
                () -> FileCalls.renameat2(one.address(), other.address(), how)));
  }

  /** Makes a directory; on a ring from Linux 5.15. */
  public static Request<Void> createDirectory(Path path) {
    return on(
        path,
        of ->
            SimpleRequest.on(
                of,
                "createDirectory",
                Sqe.MKDIRAT,
                (flags, tag) -> Sqe.mkdirat(flags, of.address(), ALL_PERMISSIONS, tag),
                () -> FileCalls.mkdirat(of.address(), ALL_PERMISSIONS)));
  }

  /** Gives a file a further name; on a ring from Linux 5.15. */
  public static Request<Void> hardLink(Path original, Path link) {
    return on(
        original,
        link,
        (one, other) ->
            SimpleRequest.on(
                one,
                other,
                "hardLink",
                Sqe.LINKAT,
                (flags, tag) -> Sqe.linkat(flags, one.address(), other.address(), 0, tag),
                () -> FileCalls.linkat(one.address(), other.address(), 0)));
  }

  /** Makes a name that leads to a path; on a ring from Linux 5.15. */
  public static Request<Void> symbolicLink(Path target, Path link) {
    return on(
        target,
        link,
        (one, other) ->
            SimpleRequest.on(
                one,
                other,
                "symbolicLink",
                Sqe.SYMLINKAT,
                (flags, tag) -> Sqe.symlinkat(flags, one.address(), other.address(), tag),
                () -> FileCalls.symlinkat(one.address(), other.address())));
  }

  /** Sets the permission bits of what the path leads to; no ring has that. */
  public static Request<Void> setMode(Path path, int mode) {
    return on(
        path,
        of ->
            SimpleRequest.on(
                of,
                "setPermissions",
                FileRequests.NO_OPCODE,
                (flags, tag) -> {
                  throw new AssertionError("no ring has fchmodat");
                },
                () -> FileCalls.fchmodat(of.address(), mode)));
  }

  /** What is known of what a path leads to, or of a symbolic link itself. */
  public static StatRequest metadata(Path path, boolean followLinks) {
    return StatRequest.of(CPath.of(path), followLinks);
  }

  private static Request<Void> on(Path path, Function<CPath, Request<Void>> request) {
    return request.apply(CPath.of(path));
  }

  private static Request<Void> on(
      Path path, Path other, BiFunction<CPath, CPath, Request<Void>> request) {
    CPath one = CPath.of(path);
    try {
      return request.apply(one, CPath.of(other));
    } catch (RuntimeException e) { // the other is no path of the host's
      one.release();
      throw e;
    }
  }
}
