package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Pipes, anonymous and named (FIFOs), for blocking code on tasks. They live on epoll loops ({@link
 * Engine#epoll}), and each end is closed by itself.
 *
 * <p>All methods throw {@link UnsupportedOperationException} on a host without epoll, and refuse a
 * loop's own thread.
 */
public final class Pipes {
  private Pipes() {}

  /**
   * The two ends of a pipe.
   *
   * @param source what is read
   * @param sink what is written: it comes out at the source
   */
  public record Ends(PipeSource source, PipeSink sink) {}

  /**
   * Makes a pipe.
   *
   * @param engine whose epoll loops watch both ends
   * @return its ends, the caller's to close
   * @throws IOException when there are no descriptors left
   */
  public static Ends open(Engine engine) throws IOException {
    LoopThread.refuse("open");
    engine.epoll().loop(); // where there is none, no descriptor is made
    Descriptors.Pair pipe = Descriptors.pipe();
    PipeSource source;
    try {
      source = new PipeSource(ReadyDescriptor.watch(engine, pipe.first()));
    } catch (IOException | RuntimeException e) {
      Descriptors.close(pipe.second());
      throw e;
    }
    try {
      return new Ends(source, new PipeSink(ReadyDescriptor.watch(engine, pipe.second())));
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /**
   * Makes a named pipe.
   *
   * @param path where
   * @param mode the permissions, such as {@code 0600}, less the process's umask
   * @throws IOException EEXIST when the path is taken, or whatever the kernel says
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static void makeFifo(Path path, int mode) throws IOException {
    Descriptors.makeFifo(path, mode);
  }

  /**
   * Opens a named pipe to read it; waits for nobody. Before the first writer comes, reading waits;
   * after the last one has gone, it is at the end.
   *
   * @param engine whose epoll loops watch it
   * @param path of the named pipe
   * @return the end that is read, the caller's to close
   * @throws IOException when there is no named pipe
   */
  public static PipeSource openSource(Engine engine, Path path) throws IOException {
    LoopThread.refuse("openSource");
    engine.epoll().loop();
    requireFifo(path);
    return new PipeSource(ReadyDescriptor.watch(engine, Descriptors.openToRead(path)));
  }

  /**
   * Opens a named pipe to write it; waits for nobody.
   *
   * @param engine whose epoll loops watch it
   * @param path of the named pipe
   * @return the end that is written, the caller's to close
   * @throws IOException ENXIO when nobody reads it yet; when there is no named pipe
   */
  public static PipeSink openSink(Engine engine, Path path) throws IOException {
    LoopThread.refuse("openSink");
    engine.epoll().loop();
    requireFifo(path);
    int descriptor;
    try {
      descriptor = Descriptors.openToWrite(path);
    } catch (LinuxException e) {
      throw e.errno().name().equals("ENXIO")
          ? IoFailure.withMessage(
              e.getMessage() + ": nobody reads the named pipe yet; open its source first", e)
          : e;
    }
    return new PipeSink(ReadyDescriptor.watch(engine, descriptor));
  }

  /** A file is always ready, which epoll refuses to watch, and opening a device may do anything. */
  private static void requireFifo(Path path) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, new LinkOption[0]);
    if (!attributes.isOther()) {
      throw new IOException("open " + path + ": this is no named pipe; make one with makeFifo");
    }
  }
}
