package dev.headrace.internal.ring;

import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Work that no ring does, as Java code for a thread that may block; also the JDK's own, whose
 * exceptions are then what comes of it.
 *
 * @param <T> what it gives
 */
public final class ThreadRequest<T> implements Request<T> {
  /** Does it, in a moment: nobody can stop it midway. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  private final String name;
  private final String path;
  private final Work<T> work;
  private T value;
  private Throwable failure;
  private long answer;

  /**
   * Work to be done.
   *
   * @param name the verb, for messages
   * @param path what it is done to, for messages
   * @param work on a thread of the pool
   */
  public ThreadRequest(String name, String path, Work<T> work) {
    this.name = name;
    this.path = path;
    this.work = work;
  }

  /** Where a symbolic link leads; no ring has readlink. */
  public static ThreadRequest<Path> readLink(Path link) {
    return jdk("readLink", link, false, () -> Files.readSymbolicLink(link));
  }

  /** The one name of it that goes through no link; it takes a readlink for each part. */
  public static ThreadRequest<Path> canonicalize(Path path) {
    return jdk("canonicalize", path, true, path::toRealPath);
  }

  private static <T> ThreadRequest<T> jdk(
      String name, Path path, boolean followsLinks, Work<T> work) {
    return new ThreadRequest<>(
        name,
        path.toString(),
        () -> {
          try {
            return work.run();
          } catch (IOException e) {
            throw named(name, path, followsLinks, e);
          }
        });
  }

  /** The JDK keeps the errno to itself: asks the kernel for it, by what fails in the same way. */
  private static IOException named(String name, Path path, boolean followsLinks, IOException jdks) {
    if (jdks instanceof java.nio.file.NotLinkException) {
      return FileFailures.of(name, path.toString(), -Errno.EINVAL);
    }
    StatRequest stat = StatRequest.of(CPath.of(path), followsLinks);
    try {
      stat.again(stat.call());
      stat.value();
      return jdks;
    } catch (IOException e) {
      Errno errno = e.getCause() instanceof LinuxException cause ? cause.errno() : null;
      return errno == null ? jdks : FileFailures.of(name, path.toString(), -errno.number());
    } finally {
      stat.release();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int opcode() {
    return FileRequests.NO_OPCODE;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    throw new AssertionError("no ring has " + name);
  }

  @Override
  public long call() {
    try {
      value = work.run();
    } catch (Throwable e) { // the waiting task's, not that thread's
      failure = e;
    }
    return 0;
  }

  @Override
  public boolean again(long result) {
    answer = result;
    return false;
  }

  @Override
  public T value() throws IOException {
    if (answer < 0) {
      throw FileFailures.of(name, path, answer);
    }
    switch (failure) {
      case null -> {
        return value;
      }
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IOException(failure);
    }
  }
}
