package dev.headrace.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Task;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Flood;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Pair;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.io.Streams;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes wrong with a stream's peer, its descriptor or the code that uses it. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class StreamFaultTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;

  StreamFaultTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine =
        rig.start(
            place.transport(), options -> options.loops(1).drainTimeout(Duration.ofMillis(100)));
  }

  private Pair pair() throws IOException {
    return Pair.connect(rig, engine, place);
  }

  private StreamListener<?> serve(StreamService<SocketStream> service) throws IOException {
    StreamListener<?> listener = rig.closeLater(StreamListener.bind(engine, place.free()));
    engine.spawn(() -> listener.serve(service));
    return listener;
  }

  private static String read(SocketStream stream, int size) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(size);
    while (target.hasRemaining() && stream.read(target) >= 0) {}
    return new String(target.array(), 0, target.position(), US_ASCII);
  }

  private static void answers(SocketChannel client, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      Wire.send(client, new byte[] {(byte) i});
      assertEquals((byte) i, Wire.read(client, 1)[0]);
    }
  }

  private void assumeResets() {
    assumeTrue(place.isTcp(), "a Unix socket has no reset");
  }

  private static void tells(Throwable failure, SocketAddress peer, Set<String> kinds) {
    IoFailure told = assertInstanceOf(IoFailure.class, failure);
    assertTrue(kinds.contains(told.kind()), told::getMessage);
    assertTrue(told.getMessage().contains(IoFailure.text(peer)), told::getMessage);
  }

  @Test
  void aResetWhileATaskReadsIsToldWithItsPeer() throws Exception {
    assumeResets();
    Pair pair = pair();
    SocketAddress peer = pair.peer().getLocalAddress();
    Parked<ByteBuf> reader = Parked.in(engine, pair.stream()::receive);
    Wire.reset(pair.peer());
    tells(reader.failure(), peer, Set.of("ECONNRESET"));
  }

  @Test
  void whatCameBeforeAResetIsReadBeforeItIsTold() throws Exception {
    assumeResets();
    Pair pair = pair();
    SocketAddress peer = pair.peer().getLocalAddress();
    Wire.send(pair.peer(), "before".getBytes(US_ASCII));
    pair.stream().readable();
    Wire.reset(pair.peer());
    Await.until("the reset is seen", () -> !pair.stream().channel().isOpen());
    assertEquals("before", read(pair.stream(), 6));
    tells(
        assertThrows(IOException.class, () -> pair.stream().receive()), peer, Set.of("ECONNRESET"));
  }

  @Test
  void aResetWhileATaskWritesIsToldWithItsPeer() throws Exception {
    assumeResets();
    Pair pair = pair();
    SocketAddress peer = pair.peer().getLocalAddress();
    Task<Void> writer =
        engine.spawn(
            () -> {
              while (true) {
                pair.stream().write(ByteBuffer.allocate(64 << 10));
              }
            });
    Await.until("it is full", () -> !pair.stream().channel().isWritable());
    Wire.reset(pair.peer());
    tells(Parked.failure(writer), peer, Set.of("ECONNRESET", "EPIPE"));
  }

  @Test
  void whoWritesToAPeerThatHasGoneIsToldWhich() throws Exception {
    place.assumeHalfClose();
    Pair pair = pair();
    SocketAddress peer = pair.stream().remoteAddress();
    pair.peer().close();
    Task<Void> writer =
        engine.spawn(
            () -> {
              while (true) {
                pair.stream().write(ByteBuffer.allocate(100));
                pair.stream().flush();
              }
            });
    tells(Parked.failure(writer), peer, Set.of("ECONNRESET", "EPIPE"));
  }

  @Test
  void aRefusedConnectionIsToldWithItsAddress() throws Exception {
    ServerSocketChannel gone = Wire.listen(place.free());
    SocketAddress address = gone.getLocalAddress();
    gone.close(); // the file of a Unix socket stays, and nobody listens there
    tells(
        assertThrows(IOException.class, () -> SocketStream.connect(engine, address)),
        address,
        Set.of("ECONNREFUSED"));
  }

  @Test
  void aConnectionThatIsResetAtOnceLeavesTheListenerToTheNext() throws Exception {
    StreamListener<?> listener = serve(client -> Streams.copy(client, client));
    for (int i = 0; i < 100; i++) {
      Wire.reset(Wire.connect(listener.localAddress()));
    }
    answers(rig.closeLater(Wire.connect(listener.localAddress())), 10);
  }

  @Test
  void aDescriptorThatIsUsedAgainBringsNothingOfItsEarlierOwner() throws Exception {
    Parked<ByteBuf> idle = Parked.in(engine, pair().stream()::receive);
    StreamListener<?> listener = serve(client -> Streams.copy(client, client));
    for (int round = 0; round < 300; round++) {
      SocketStream stream = SocketStream.connect(engine, listener.localAddress());
      String sent = String.format("%08d", round);
      stream.write(ByteBuffer.wrap(sent.getBytes(US_ASCII)));
      assertEquals(sent, read(stream, 8));
      // What is asked last is not waited for: its answer must not reach the next one.
      stream.write(ByteBuffer.wrap("leftover".getBytes(US_ASCII)));
      CompletableFuture<ByteBuf> unread = stream.receiveAsync();
      unread.cancel(false);
      if (round % 2 == 0) {
        stream.close();
      } else {
        stream.abort();
      }
      if (!unread.isCancelled()) {
        unread.join().release();
      }
    }
    assertTrue(Parked.isParked(idle.thread()), "it was woken by what is none of its business");
    idle.task().cancel();
    idle.failure();
  }

  @Test
  void aConnectionThatFloodsDoesNotStarveOnesOfItsLoop() throws Exception {
    StreamListener<?> listener = serve(client -> Streams.copy(client, client));
    SocketChannel flooding = rig.closeLater(Wire.connect(listener.localAddress()));
    SocketChannel other = rig.closeLater(Wire.connect(listener.localAddress()));
    Flood flood = Flood.into(rig, flooding, 1L << 40);
    CompletableFuture<Boolean> arrives = rig.beside(() -> flood.arrivesAt(flooding));
    Await.until("it flows", () -> flood.sent() > 10 << 20);
    answers(other, 500);
    long before = flood.sent();
    Await.until("it flows on", () -> flood.sent() > before + (10 << 20));
    flood.stop();
    assertTrue(Rig.get(arrives));
  }

  @Test
  void aTaskThatNeverReadsStopsItsPeer() throws Exception {
    Pair pair = pair();
    Flood flood = Flood.into(rig, pair.peer(), 1L << 40);
    Await.until("reading stops", () -> !pair.stream().channel().config().isAutoRead());
    long stuck = flood.stuckAfter();
    assertTrue(stuck < 64 << 20, () -> stuck + " bytes went nowhere");
    flood.stop();
    pair.stream().abort(); // whoever still sends is told
  }

  @Test
  void readingStopsAndGoesOnCoarselyForASlowReader() throws Exception {
    Pair pair = pair();
    SocketStream stream = pair.stream();
    Resumes resumes = new Resumes();
    stream.channel().pipeline().addFirst(resumes);
    int total = 64 << 20;
    CompletableFuture<Boolean> sender =
        rig.beside(
            () -> {
              Wire.send(pair.peer(), new byte[total]);
              return true;
            });
    Await.until("the reader is behind", () -> !stream.channel().config().isAutoRead());
    Task<Void> reader =
        stream.spawn(
            () -> {
              ByteBuffer slice = ByteBuffer.allocate(8 << 10);
              for (int left = total; left > 0; left -= slice.position()) {
                slice.clear();
                stream.read(slice);
                Task.yield();
              }
            });
    Rig.get(reader);
    Rig.get(sender);
    // From one resumption to the next the reader takes what is between the two marks.
    assertTrue(resumes.count.get() > 0);
    assertTrue(resumes.count.get() <= total / (192 << 10) + 1, () -> resumes.count + " times");
  }

  /** Counts how often reading was resumed: a read that does not follow the end of another one. */
  private static final class Resumes extends io.netty.channel.ChannelDuplexHandler {
    private final AtomicLong count = new AtomicLong();
    private boolean follows;

    @Override
    public void channelReadComplete(io.netty.channel.ChannelHandlerContext context) {
      context.fireChannelReadComplete();
      follows = context.channel().config().isAutoRead();
    }

    @Override
    public void read(io.netty.channel.ChannelHandlerContext context) {
      if (!follows) {
        count.incrementAndGet();
      }
      follows = false;
      context.read();
    }
  }

  @Test
  void closingAListenerWakesWhoAccepts() throws Exception {
    StreamListener<?> listener = StreamListener.bind(engine, place.free());
    Parked<Object> accepting = Parked.in(engine, listener::accept);
    CompletableFuture<?> future = listener.acceptAsync();
    listener.close();
    assertInstanceOf(ClosedChannelException.class, accepting.failure());
    assertInstanceOf(
        ClosedChannelException.class,
        assertThrows(java.util.concurrent.ExecutionException.class, () -> Rig.get(future))
            .getCause());
  }

  @Test
  void aPeerThatReadsByteByByteGetsAllInOrder() throws Exception {
    Pair pair = pair();
    byte[] sent = Wire.randomBytes(new java.util.Random(3), 40_000);
    Task<Void> writer = pair.stream().spawn(() -> pair.stream().write(ByteBuffer.wrap(sent)));
    ByteBuffer one = ByteBuffer.allocate(1);
    for (byte expected : sent) {
      one.clear();
      assertEquals(1, pair.peer().read(one));
      assertEquals(expected, one.get(0));
    }
    Rig.get(writer);
  }

  @Test
  void aServiceThatThrowsEndsItsConnectionAndIsToldOnce() throws Exception {
    Logs logs = rig.captureLogs();
    SocketChannel other =
        rig.closeLater(Wire.connect(serve(client -> Streams.copy(client, client)).localAddress()));
    answers(other, 1);
    StreamListener<?> failing =
        serve(
            client -> {
              throw new IllegalStateException("on purpose");
            });
    assertTrue(Wire.ends(rig.closeLater(Wire.connect(failing.localAddress()))));
    Await.until("it is told", () -> !logs.warnings().isEmpty());
    answers(other, 1);
    assertEquals(1, logs.warnings().size(), () -> logs.warnings().toString());
    assertTrue(logs.warnings().getFirst().contains("on purpose"), () -> logs.warnings().toString());
  }

  @Test
  void aCallbackThatThrowsLeavesItsLoopAndItsStreamToOthers() throws Exception {
    Logs logs = rig.captureLogs();
    Pair pair = pair();
    CompletableFuture<Void> failing =
        pair.stream()
            .receiveAsync()
            .thenAccept(
                bytes -> {
                  bytes.release();
                  throw new IllegalStateException("on purpose");
                });
    Wire.send(pair.peer(), "a".getBytes(US_ASCII));
    Throwable failure =
        assertThrows(java.util.concurrent.ExecutionException.class, () -> Rig.get(failing));
    assertEquals("on purpose", failure.getCause().getMessage());
    Wire.send(pair.peer(), "b".getBytes(US_ASCII));
    assertEquals("b", read(pair.stream(), 1));
    assertEquals(java.util.List.of(), logs.warnings());
  }

  @Test
  void aStreamsTaskThatThrowsClosesItAndGivesWhatItThrew() throws Exception {
    Pair pair = pair();
    rig.captureLogs(); // whether somebody waits for it by then is a race
    Task<Void> failing =
        pair.stream()
            .spawn(
                () -> {
                  throw new IllegalStateException("on purpose");
                });
    assertEquals("on purpose", Parked.failure(failing).getMessage());
    assertTrue(Wire.ends(pair.peer()));
  }
}
