package dev.headrace.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.headrace.fixture.Child;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams and channels of the JDK's, standard input and output among them. */
class JdkTypesTest {
  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  @Test
  void aPipeOfTheJdksCarriesBytes() throws IOException {
    java.nio.channels.Pipe jdk = java.nio.channels.Pipe.open();
    try (ByteSink sink = Sinks.of(jdk.sink());
        ByteSource source = Sources.of(jdk.source())) {
      Streams.writeAll(sink, "through the kernel", UTF_8);
      sink.shutdownOutput();
      assertEquals("through the kernel", Streams.readToString(source, 100, UTF_8));
    }
  }

  @Test
  void aChannelThatDoesNotBlockIsRefused() throws IOException {
    java.nio.channels.Pipe jdk = java.nio.channels.Pipe.open();
    try (var source = jdk.source();
        var sink = jdk.sink()) {
      source.configureBlocking(false);
      sink.configureBlocking(false);
      assertThrows(IllegalBlockingModeException.class, () -> Sources.of(source));
      assertThrows(IllegalBlockingModeException.class, () -> Sinks.of(sink));
    }
  }

  /** Takes a byte at a time, and fails at the one that it is told. */
  private static final class FailingChannel implements WritableByteChannel {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final int failsAfter;

    FailingChannel(int failsAfter) {
      this.failsAfter = failsAfter;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      if (taken.size() == failsAfter) {
        throw new IOException("disk full");
      }
      taken.write(source.get());
      return 1;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void aChannelThatFailsHalfWayHasTakenTheBuffer() throws IOException {
    ByteSink sink = Sinks.of(new FailingChannel(3));
    ByteBuf half = Buffers.of("bytes");
    sink.send(half);
    assertEquals(0, half.refCnt());
    assertEquals("disk full", assertThrows(IOException.class, sink::flush).getMessage());
    ByteBuf none = Buffers.of("none");
    assertThrows(IOException.class, () -> Sinks.of(new FailingChannel(0)).send(none));
    assertEquals(1, none.refCnt());
    none.release();
  }

  @Test
  void anInputStreamReadsASourceAndAnOutputStreamWritesASink() throws IOException {
    Halves pipe = Pipes.simplex(100);
    try (OutputStream out = Streams.outputStream(pipe.sink())) {
      out.write('a');
      out.write("bcd".getBytes(UTF_8), 1, 2);
      out.flush();
    }
    try (InputStream in = Streams.inputStream(pipe.source())) {
      assertEquals('a', in.read());
      assertEquals("cd", new String(in.readAllBytes(), UTF_8));
      assertEquals(-1, in.read());
    }
    assertFalse(pipe.sink().isOpen());
  }

  /** Blocks as a terminal does, whatever interrupts it. */
  private static final class Terminal extends InputStream {
    private final CountDownLatch typed = new CountDownLatch(1);
    private int left = 5;

    @Override
    public int read() throws IOException {
      while (typed.getCount() > 0) {
        try {
          typed.await();
        } catch (InterruptedException e) {
          throw new AssertionError("the reader's interrupt reached the terminal", e);
        }
      }
      return left-- > 0 ? 'x' : -1;
    }
  }

  @Test
  void anInterruptedReadOfATerminalLosesNothing() throws Exception {
    Terminal terminal = new Terminal();
    ByteSource source = StandardStreams.readAhead(terminal, "terminal");
    Task<ByteBuf> reader = Task.start(source::receive);
    reader.awaitWaiting();
    reader.interrupt();
    assertThrows(InterruptedIOException.class, reader::get);
    terminal.typed.countDown();
    assertEquals("xxxxx", Streams.readToString(source, 10, UTF_8));
  }

  @Test
  void aTerminalThatFailsIsReported() throws Exception {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("hung up");
          }
        };
    ByteSource source = StandardStreams.readAhead(broken, "terminal");
    assertEquals("hung up", assertThrows(IOException.class, source::receive).getMessage());
  }

  @Test
  void aFlushWaitsUntilTheSlowReaderHasAll() throws Exception {
    CountDownLatch reads = new CountDownLatch(1);
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    OutputStream slow =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            try {
              reads.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            screen.write(value);
          }
        };
    ByteSink sink = StandardStreams.writeBehind(slow, "screen");
    Streams.writeAll(sink, "printed", UTF_8);
    Task<Void> flush =
        Task.start(
            () -> {
              sink.flush();
              return null;
            });
    flush.awaitWaiting();
    flush.interrupt();
    assertThrows(InterruptedIOException.class, flush::get);
    reads.countDown();
    sink.flush();
    assertEquals("printed", screen.toString(UTF_8));
    sink.close();
  }

  @Test
  void aScreenThatFailsIsReported() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("hung up");
          }
        };
    ByteSink sink = StandardStreams.writeBehind(broken, "screen");
    Streams.writeAll(sink, "lost", UTF_8);
    assertEquals("hung up", assertThrows(IOException.class, sink::flush).getMessage());
    assertThrows(IOException.class, () -> Streams.writeAll(sink, "more", UTF_8));
    sink.close();
  }

  @Test
  void aProcessReadsAndPrintsItsStandardStreams() throws Exception {
    Child child =
        Child.run(List.of(), List.of(), "dev.headrace.child.StandardEcho", "a line\nmore");
    assertEquals(new Child(0, "a line", "a line"), child);
  }
}
