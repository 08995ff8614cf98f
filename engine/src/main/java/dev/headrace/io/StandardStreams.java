package dev.headrace.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Standard input, output and error. They block the thread that uses them for as long as a person
 * thinks, so each has a thread of its own behind a pipe.
 */
final class StandardStreams {
  private static final int CAPACITY_BYTES = 64 << 10;

  private StandardStreams() {}

  static ByteSource input() {
    return Input.SOURCE;
  }

  static ByteSink output() {
    return Output.SINK;
  }

  static ByteSink error() {
    return Error.SINK;
  }

  /**
   * Reads ahead on a thread of its own, which ends with the stream or when the source is closed.
   */
  static ByteSource readAhead(InputStream stream, String name) {
    Pipe pipe = new Pipe(CAPACITY_BYTES);
    start(
        name,
        () -> {
          try (ByteSource source = leftOpen(stream)) {
            Streams.copy(source, pipe.sink());
            pipe.sink().shutdownOutput();
          } catch (IOException e) {
            pipe.fail(e);
          }
        });
    return pipe.source();
  }

  /** The stream is not ours to close; what was read of it and found no taker is to be released. */
  private static ByteSource leftOpen(InputStream stream) {
    return new PulledSource(new JdkReads.OfStream(stream)::next);
  }

  static ByteSink writeBehind(OutputStream stream, String name) {
    WriteBehindSink sink = new WriteBehindSink(stream, CAPACITY_BYTES);
    start(name, sink::drain);
    return sink;
  }

  private static void start(String name, Runnable task) {
    Thread.ofPlatform().daemon().name(name).start(task);
  }

  /** A print stream keeps its errors to itself until it is asked. */
  private static OutputStream checked(PrintStream stream, String name) {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        stream.write(bytes, offset, length);
        flush();
      }

      @Override
      public void flush() throws IOException {
        if (stream.checkError()) {
          throw new IOException(name + " cannot be written to; is its reader gone?");
        }
      }
    };
  }

  private static final class Input {
    static final ByteSource SOURCE = readAhead(System.in, "standard-input");
  }

  private static final class Output {
    static final ByteSink SINK =
        writeBehind(checked(System.out, "standard output"), "standard-output");
  }

  private static final class Error {
    static final ByteSink SINK =
        writeBehind(checked(System.err, "standard error"), "standard-error");
  }
}
