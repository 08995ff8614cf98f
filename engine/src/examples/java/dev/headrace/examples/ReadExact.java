package dev.headrace.examples;

import dev.headrace.Engine;
import dev.headrace.net.TcpStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * A combinator by hand: fills a buffer from a stream. {@link dev.headrace.io.Streams#readExact} is
 * the one to use; this shows how to write what is not there.
 */
public final class ReadExact {
  private ReadExact() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start();
        TcpStream stream = TcpStream.connect(engine, new InetSocketAddress("127.0.0.1", 6142))) {
      stream.write(ByteBuffer.wrap(new byte[10]));
      IO.println("polled: " + polled(stream, ByteBuffer.allocate(5)));
      IO.println("composed: " + composed(stream, ByteBuffer.allocate(5)).get());
    }
  }

  // doc:begin
  /** Asks without waiting, as often as there may be something: a task waits in one place only. */
  static ByteBuffer polled(TcpStream stream, ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      stream.readable();
      if (stream.tryRead(target) == -1) {
        throw new EOFException("early end, " + target.remaining() + " bytes are missing");
      }
    }
    return target.flip();
  }

  /** The same as a future, for handlers and other code that must not wait at all. */
  static CompletableFuture<ByteBuffer> composed(TcpStream stream, ByteBuffer target) {
    if (!target.hasRemaining()) {
      return CompletableFuture.completedFuture(target.flip());
    }
    return stream
        .readAsync(target)
        .thenCompose(
            count ->
                count != -1
                    ? composed(stream, target)
                    : CompletableFuture.failedFuture(
                        new EOFException(
                            "early end, " + target.remaining() + " bytes are missing")));
  }
  // doc:end
}
