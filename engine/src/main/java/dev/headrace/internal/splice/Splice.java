package dev.headrace.internal.splice;

import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.ReadGate;
import dev.headrace.internal.transport.DirectSocket;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;

/**
 * One direction of a connection between two sockets, moved inside the kernel while much flows:
 *
 * <pre>
 *   source ──splice──▶ pipe ──splice──▶ sink
 * </pre>
 *
 * <p>It moves bytes only. The end of the source is left for its channel to read, and an error,
 * which the kernel tells once, is fired in the channel's pipeline: whoever handles both for buffers
 * handles them here. Confined to the loop of both channels.
 */
public final class Splice {
  /** Then it is another connection's turn. */
  private static final int MOST_BYTES_A_TURN = 1 << 20;

  /** Less than this, so many times one after the other, goes better through buffers. */
  private static final int SMALL_BYTES = 8 << 10;

  private static final int SMALL_IN_A_ROW = 16;

  private enum State {
    /** The channels move the bytes. */
    IDLE,
    /** The source's channel still hands on what it has received, or the sink's still sends it. */
    PREPARING,
    /** Bytes are spliced when there are some. */
    SPLICING,
    /** The pipe holds what the sink has no room for. */
    WAITING_FOR_ROOM
  }

  /** Who is told. */
  public interface Owner {
    /** The first or the last byte that is spliced for now is about to move. */
    void splicing(boolean begins);

    /** Bytes have been taken from the source. */
    void spliced(int bytes);
  }

  private final Channel source;
  private final Channel sink;
  private final Pipes pipes;
  private final DirectSocket from;
  private final DirectSocket to;
  private final Owner owner;
  private State state = State.IDLE;
  private Pipe pipe;
  private int arrivedBytes;
  private int smallInARow;

  private Splice(
      Channel source, Channel sink, Pipes pipes, DirectSocket from, DirectSocket to, Owner owner) {
    this.source = source;
    this.sink = sink;
    this.pipes = pipes;
    this.from = from;
    this.to = to;
    this.owner = owner;
    // When a channel is closed, and before the loop lets go of it: a poll that goes on would keep
    // the socket open.
    ChannelFutureListener closed = closing -> stop();
    source.closeFuture().addListener(closed);
    sink.closeFuture().addListener(closed);
  }

  /**
   * Prepares a direction; nothing is held yet.
   *
   * @param source where bytes come from
   * @param sink where they go, on the same loop
   * @param owner is told
   * @return null where the transport does not let others at its sockets
   */
  public static Splice between(Channel source, Channel sink, Owner owner) {
    Pipes pipes = ((Loop) source.eventLoop()).pipes();
    DirectSocket from = pipes.socketOf(source);
    DirectSocket to = pipes.socketOf(sink);
    return from == null || to == null ? null : new Splice(source, sink, pipes, from, to, owner);
  }

  /** Takes over once what the channels have received is sent; called while the source reads. */
  public void begin() {
    if (state == State.IDLE) {
      state = State.PREPARING;
      ReadGate.close(source, ReadGate.Reason.SPLICED);
      from.whenQuiet(source.eventLoop(), this::awaitSent);
    }
  }

  private void awaitSent() {
    if (state == State.PREPARING) {
      sink.writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(sent -> source.eventLoop().execute(this::takeOver));
    }
  }

  private void takeOver() {
    if (state != State.PREPARING) {
      return;
    }
    if (!source.isActive()
        || !sink.isActive()
        || ((DuplexChannel) source).isInputShutdown()
        || !from.isQuiet()) { // it reads on to the end, as the peer has hung up
      stop();
      return;
    }
    if (sink.unsafe().outboundBuffer().totalPendingWriteBytes() != 0) {
      awaitSent(); // a peer that hangs up is read from though its gate is closed
      return;
    }
    // The sockets of a ring are made to block; its operations do not care.
    Descriptors.setNonBlocking(from.descriptor());
    Descriptors.setNonBlocking(to.descriptor());
    state = State.SPLICING;
    smallInARow = 0;
    owner.splicing(true);
    from.takeReading(this::readable);
    readable();
  }

  private void readable() {
    if (state == State.SPLICING) {
      move();
    }
  }

  private void writable() {
    if (state == State.WAITING_FOR_ROOM) {
      state = State.SPLICING;
      move();
    }
  }

  /** Moves until there is nothing more, no more room, or others have waited long enough. */
  private void move() {
    for (int moved = 0; moved < MOST_BYTES_A_TURN; ) {
      // A number that is free already may be another connection's.
      if (!source.isOpen() || !sink.isOpen()) {
        stop();
        return;
      }
      if (pipe == null) {
        int taken = take();
        if (taken <= 0) {
          return;
        }
        moved += taken;
      }
      if (!give()) {
        return;
      }
    }
    from.awaitReadable(false);
  }

  /** How much was taken from the source into a pipe; none when this turn is over. */
  private int take() {
    Pipe empty = pipes.take();
    if (empty == null) {
      stop();
      return 0;
    }
    int taken = empty.fillFrom(from.descriptor());
    if (taken > 0) {
      pipe = empty;
      arrivedBytes += taken;
      owner.spliced(taken);
      return taken;
    }
    pipes.giveBack(empty);
    if (taken == -Errno.EAGAIN) {
      drained();
    } else if (taken == 0) {
      stop(); // and the channel reads the end
    } else if (taken != -Errno.EINTR) {
      fail(source, taken);
    } else {
      from.awaitReadable(false);
    }
    return 0;
  }

  private void drained() {
    smallInARow = arrivedBytes < SMALL_BYTES ? smallInARow + 1 : 0;
    arrivedBytes = 0;
    if (smallInARow == SMALL_IN_A_ROW) {
      stop();
    } else {
      from.awaitReadable(true);
    }
  }

  /** Whether all went; else this turn is over. */
  private boolean give() {
    while (pipe.heldBytes() > 0) {
      int given = pipe.emptyInto(to.descriptor());
      if (given == -Errno.EAGAIN) {
        state = State.WAITING_FOR_ROOM;
        to.awaitWritable(this::writable);
        return false;
      }
      if (given < 0 && given != -Errno.EINTR) {
        fail(sink, given);
        return false;
      }
    }
    pipes.giveBack(pipe);
    pipe = null;
    return true;
  }

  private void fail(Channel channel, int result) {
    stop();
    channel
        .pipeline()
        .fireExceptionCaught(
            new LinuxException("splice", String.valueOf(channel), Errno.of(-result)));
  }

  /**
   * Leaves the rest to the channels. What the pipe holds is lost, as one of them is closed then.
   */
  private void stop() {
    if (state == State.IDLE) {
      return;
    }
    if (state != State.PREPARING) {
      owner.splicing(false);
    }
    state = State.IDLE;
    if (pipe != null) {
      pipes.giveBack(pipe);
      pipe = null;
    }
    to.stopAwaitingWritable();
    from.giveReadingBack();
    if (source.isOpen()) {
      ReadGate.open(source, ReadGate.Reason.SPLICED);
    }
  }
}
