package dev.headrace.io;

import java.util.List;

/** Connections in memory, and streams put together and taken apart. */
public final class Pipes {
  private Pipes() {}

  /**
   * Two streams that are connected to each other: what one writes the other reads.
   *
   * <p>A writer waits while the capacity is used up; a buffer that is larger waits until all before
   * it was read. Closing one stream is the end for the other's reader, and an error for its writer.
   * Both are to be closed: bytes that nobody reads are held until then.
   *
   * @param capacityBytes of each direction, at least 1
   * @return the two streams
   */
  public static Duplex duplex(int capacityBytes) {
    Pipe forth = new Pipe(capacityBytes);
    Pipe back = new Pipe(capacityBytes);
    return new Duplex(join(back.source(), forth.sink()), join(forth.source(), back.sink()));
  }

  /**
   * One direction of {@link #duplex}.
   *
   * @param capacityBytes at least 1
   * @return where to write, and where to read it
   */
  public static Halves simplex(int capacityBytes) {
    Pipe pipe = new Pipe(capacityBytes);
    return new Halves(pipe.source(), pipe.sink());
  }

  /**
   * Takes a stream apart, so that one task can read it while another writes it.
   *
   * @param stream which is used through its halves from now on
   * @return the halves, which close the stream when both are closed
   */
  public static Halves split(ByteStream stream) {
    return Halves.of(stream);
  }

  /**
   * Makes one stream of a source and a sink; closing it closes both.
   *
   * @param source what is read
   * @param sink what is written
   * @return the stream
   */
  public static ByteStream join(ByteSource source, ByteSink sink) {
    return new JoinedStream(source, sink);
  }

  /**
   * The two ends of a connection in memory.
   *
   * @param left one end
   * @param right the other
   */
  public record Duplex(ByteStream left, ByteStream right) {
    /**
     * Both, to close them or to try the same with each.
     *
     * @return left and right
     */
    public List<ByteStream> ends() {
      return List.of(left, right);
    }
  }
}
