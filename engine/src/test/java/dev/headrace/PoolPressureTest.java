package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.buffer.BufferPoolStats;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Flood;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.service.Echo;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Reading takes buffers from a bounded pool; what holds them all stops reading. */
@Timeout(60)
@ParameterizedClass
@EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
class PoolPressureTest {
  @Parameter Transport transport;
  @RegisterExtension final Rig rig = new Rig();
  private Engine engine;

  @BeforeEach
  void start() {
    engine =
        rig.start(
            transport,
            options -> options.loops(1).poolBytesPerLoop(EngineOptions.LEAST_POOL_BYTES));
    assumeTrue(
        transport != Transport.IO_URING
            || engine.report().entry(transport).features().get("buffer_ring"),
        "this kernel has no buffer rings");
  }

  private BufferPoolStats pool() {
    return engine.stats().loops().getFirst().pool();
  }

  /** The ring may be refilled once more from outside the pool before a receive is cancelled. */
  private void staysBounded(int ring) {
    assertTrue(pool().peak() <= pool().limit(), () -> pool().toString());
    assertTrue(pool().overflowed() <= 2L * ring, () -> pool().toString());
  }

  @Test
  void aHandlerThatKeepsAllBuffersStopsTheReadingAndLosesNothing() throws Exception {
    int ring = ringBuffers();
    Keeping keeping = new Keeping();
    SocketAddress address = engine.listen(Wire.ANY_PORT, keeping).localAddress();
    int connections = 32;
    int each = 1 << 20;
    List<CompletableFuture<Boolean>> senders = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      SocketChannel client = rig.closeLater(Wire.connect(address));
      senders.add(
          rig.beside(
              () -> {
                Wire.send(client, new byte[each]);
                return true;
              }));
    }
    // 1. The pool runs short, and reading stops before all has been sent.
    Await.until("the pool runs short", () -> pool().inUse() > pool().limit() / 2);
    Await.settled(keeping.received::get);
    assertTrue(pool().inUse() <= pool().limit(), () -> pool().toString());
    assertTrue(
        keeping.received.get() < (long) connections * each,
        () -> "reading did not stop " + keeping.received + pool());
    // 2. Buffers come back from another thread, and reading goes on, as often as it takes.
    Await.until(
        () -> "all has arrived: " + keeping.received + " " + pool(),
        () -> {
          keeping.release();
          return keeping.received.get() == (long) connections * each;
        });
    keeping.release();
    for (CompletableFuture<Boolean> sender : senders) {
      assertTrue(Rig.get(sender));
    }
    // 3. A new connection is read from as if nothing had been.
    SocketChannel next = rig.closeLater(Wire.connect(address));
    Wire.send(next, new byte[100]);
    Await.until(
        "it is read from",
        () -> {
          keeping.release();
          return keeping.received.get() == (long) connections * each + 100;
        });
    staysBounded(ring);
  }

  private int ringBuffers() {
    if (transport != Transport.IO_URING) {
      return 0;
    }
    Await.until("the ring is filled", () -> pool().inUse() > 0);
    return pool().inUse();
  }

  @Test
  void manyClientsThatDoNotReadLeaveRoomForOnesThatDo() throws Exception {
    int ring = ringBuffers();
    SocketAddress echo = Echo.serve(engine, Wire.ANY_PORT).localAddress();
    List<Flood> floods = new ArrayList<>();
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < 48; i++) {
      SocketChannel client = rig.closeLater(Wire.connect(echo));
      clients.add(client);
      floods.add(Flood.into(rig, client, 1L << 40));
    }
    Await.settled(() -> floods.stream().mapToLong(Flood::sent).sum());
    assertTrue(pool().inUse() <= pool().limit(), () -> pool().toString());
    floods.forEach(Flood::stop);
    List<CompletableFuture<Boolean>> readers = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      int index = i;
      readers.add(rig.beside(() -> floods.get(index).arrivesAt(clients.get(index))));
    }
    for (CompletableFuture<Boolean> reader : readers) {
      assertTrue(Rig.get(reader), "something was lost");
    }
    Await.until("only the ring holds buffers", () -> pool().inUse() == ring);
    staysBounded(ring);
  }

  @Test
  void aChannelWhoseReadingTheApplicationStoppedStaysStopped() throws Exception {
    ConcurrentLinkedQueue<Channel> channels = new ConcurrentLinkedQueue<>();
    SocketAddress stopped =
        engine
            .listen(
                Wire.ANY_PORT,
                new KeepingHandler() {
                  @Override
                  public void channelActive(ChannelHandlerContext context) {
                    context.channel().config().setAutoRead(false);
                    channels.add(context.channel());
                  }
                })
            .localAddress();
    rig.closeLater(Wire.connect(stopped));
    Await.until("it is active", () -> channels.size() == 1);
    List<ByteBuf> held = new ArrayList<>();
    // 1. The pool is emptied, so that a read finds it short.
    for (ByteBuf buffer = engine.pool().tryTake();
        buffer != null;
        buffer = engine.pool().tryTake()) {
      held.add(buffer);
    }
    assertEquals(pool().limit(), pool().inUse());
    SocketChannel client =
        rig.closeLater(Wire.connect(Echo.serve(engine, Wire.ANY_PORT).localAddress()));
    Wire.send(client, new byte[] {1});
    assertEquals(1, Wire.read(client, 1)[0]);
    Await.until("reading pauses", () -> engine.pool().isShort());
    // 2. All come back.
    held.forEach(ByteBuf::release);
    Await.until("reading goes on", () -> !engine.pool().isShort());
    Wire.send(client, new byte[] {2});
    assertEquals(2, Wire.read(client, 1)[0]);
    assertEquals(false, channels.peek().config().isAutoRead());
  }

  @Sharable
  private abstract static class KeepingHandler extends ChannelInboundHandlerAdapter {}

  @Sharable
  private static final class Keeping extends ChannelInboundHandlerAdapter {
    private final AtomicLong received = new AtomicLong();
    private final ConcurrentLinkedQueue<ByteBuf> kept = new ConcurrentLinkedQueue<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf buffer = (ByteBuf) message;
      received.addAndGet(buffer.readableBytes());
      kept.add(buffer);
    }

    void release() {
      for (ByteBuf buffer = kept.poll(); buffer != null; buffer = kept.poll()) {
        buffer.release();
      }
    }
  }
}
