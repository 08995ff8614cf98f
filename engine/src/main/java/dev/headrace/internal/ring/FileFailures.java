package dev.headrace.internal.ring;

import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;

/**
 * What a failed file operation throws: the JDK's own types, so that code which catches them works,
 * with a message that names operation, errno and remedy, and a {@link LinuxException} as the cause.
 */
public final class FileFailures {
  private FileFailures() {}

  /** The kernel stopped an operation because it was asked to. */
  static final class Cancelled extends IOException {
    private static final long serialVersionUID = 1L;

    private final int bytesTransferred;

    Cancelled(int bytesTransferred) {
      super("cancelled");
      this.bytesTransferred = bytesTransferred;
    }

    int bytesTransferred() {
      return bytesTransferred;
    }
  }

  /**
   * A failure of an operation.
   *
   * @param operation the verb
   * @param path of the file, as the caller named it
   * @param result minus the errno
   */
  public static IOException of(String operation, String path, long result) {
    return of(operation, path, null, result);
  }

  /**
   * A failure of an operation on two paths.
   *
   * @param operation the verb
   * @param path of the one
   * @param other of the other; null where there is none
   * @param result minus the errno
   */
  public static IOException of(String operation, String path, String other, long result) {
    if (result == -Errno.ECANCELED) {
      return new Cancelled(0);
    }
    Errno errno = Errno.of((int) -result);
    String remedy = remedy(operation, errno.number());
    String reason = operation + ": " + errno + (remedy.isEmpty() ? "" : ": " + remedy);
    FileSystemException failure =
        switch (errno.number()) {
          case Errno.ENOENT -> new NoSuchFileException(path, other, reason);
          case Errno.EEXIST -> new FileAlreadyExistsException(path, other, reason);
          case Errno.EACCES, Errno.EPERM -> new AccessDeniedException(path, other, reason);
          case Errno.ENOTEMPTY -> new NotEmpty(other == null ? path : other, reason);
          case Errno.ENOTDIR -> new NotDirectory(path, reason);
          case Errno.ELOOP -> new Loop(path, reason);
          case Errno.EINVAL ->
              operation.equals("readLink")
                  ? new NotLinkException(path, other, reason)
                  : new FileSystemException(path, other, reason);
          default -> new FileSystemException(path, other, reason);
        };
    failure.initCause(new LinuxException(operation, path, errno));
    return failure;
  }

  private static String remedy(String operation, int errno) {
    return switch (errno) {
      case Errno.ENOENT ->
          operation.equals("open")
              ? "there is no such path; OpenOptions.create() makes the file"
              : "there is no such path";
      case Errno.EACCES -> "this user may not; look at the modes of the path and its directories";
      case Errno.EEXIST ->
          switch (operation) {
            case "open" -> "OpenOptions.create() opens what exists, createNew() refuses it";
            case "copy", "rename" -> "StandardCopyOption.REPLACE_EXISTING replaces it";
            default -> "";
          };
      case Errno.EISDIR ->
          operation.equals("remove")
              ? "it is a directory: Files.removeDirectory if it is empty, or Files.removeTree"
              : "it is a directory: list it with Files.list";
      case Errno.ENOTEMPTY ->
          operation.equals("removeDirectory")
              ? "Files.removeTree removes it with all that it holds"
              : "";
      case Errno.ENOTDIR -> "a name that should be a directory's is that of something else";
      case Errno.ELOOP -> "symbolic links lead around in a circle, or may not be followed here";
      case Errno.ENOSPC -> "the file system is full";
      case Errno.EDQUOT -> "the disk quota of this user is used up";
      case Errno.EROFS -> "the file system is mounted read-only";
      case Errno.EFBIG -> "it is larger than the file system, or `ulimit -f`, allows";
      case Errno.ENAMETOOLONG -> "a name has 255 bytes at most, a path 4,095";
      case Errno.EMFILE -> "this process is out of descriptors; raise `ulimit -n`";
      case Errno.ENFILE -> "the host is out of descriptors; raise fs.file-max";
      case Errno.EXDEV -> "the two are on different file systems: copy it, and remove the first";
      case Errno.EIO -> "the device failed; see the kernel's log";
      case Errno.EINVAL ->
          switch (operation) {
            case "read", "write" ->
                "with direct I/O memory, position and length must be multiples of the file"
                    + " system's block (512 or 4,096 bytes): use the pool's buffers";
            case "open" -> "a combination of options, or O_DIRECT, that this file system lacks";
            case "readLink" -> "it is no symbolic link";
            case "copy" -> "only a regular file can be copied: use Streams.copy";
            case "rename" ->
                "a directory cannot go into itself; and where the file system cannot refuse to"
                    + " replace, StandardCopyOption.REPLACE_EXISTING is needed";
            default -> "";
          };
      default -> "";
    };
  }

  private static final class NotEmpty extends DirectoryNotEmptyException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    NotEmpty(String path, String reason) {
      super(path);
      this.reason = reason;
    }

    @Override
    public String getReason() {
      return reason;
    }
  }

  private static final class NotDirectory extends NotDirectoryException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    NotDirectory(String path, String reason) {
      super(path);
      this.reason = reason;
    }

    @Override
    public String getReason() {
      return reason;
    }
  }

  private static final class Loop extends FileSystemLoopException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    Loop(String path, String reason) {
      super(path);
      this.reason = reason;
    }

    @Override
    public String getReason() {
      return reason;
    }
  }
}
