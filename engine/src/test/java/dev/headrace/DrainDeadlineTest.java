package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Pair;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamHalves;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A peer whose connection is cut does not take what arrived for a whole stream. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class DrainDeadlineTest {
  private static final byte[] SAID = {1, 2, 3};

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;

  DrainDeadlineTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = rig.start(place.transport(), options -> options.drainTimeout(Duration.ofMillis(100)));
  }

  /** By a reset, where the family knows one; cleanly elsewhere. */
  private void isCut(SocketChannel peer) throws IOException {
    assertArrayEquals(SAID, Wire.read(peer, SAID.length));
    assertEquals(place.isTcp(), Wire.isReset(peer));
  }

  /** The peer of what the engine connects; the listener is closed with the rig. */
  private Pair connect() throws IOException {
    ServerSocketChannel listener = rig.closeLater(Wire.listen(place.free()));
    SocketStream stream = SocketStream.connect(engine, listener.getLocalAddress());
    return new Pair(rig.closeLater(stream), rig.closeLater(listener.accept()));
  }

  /** Says something, and neither hears of the draining nor lets itself be closed. */
  @Sharable
  private static final class Stubborn extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.pipeline().addFirst(new NeverCloses());
      context.writeAndFlush(context.alloc().buffer().writeBytes(SAID));
    }
  }

  private static final class NeverCloses extends ChannelOutboundHandlerAdapter {
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {}
  }

  @Test
  void aConnectionOfAHandlerIsCutWhateverItsHandlersDo() throws Exception {
    SocketChannel peer =
        rig.closeLater(Wire.connect(engine.listen(place.free(), new Stubborn()).localAddress()));
    Await.until("it is accepted", () -> engine.stats().open() == 1);
    engine.close();
    isCut(peer);
  }

  @Test
  void aStreamThatNobodyClosesIsCut() throws Exception {
    Pair pair = connect();
    pair.stream().write(ByteBuffer.wrap(SAID));
    pair.stream().flush();
    engine.close();
    isCut(pair.peer());
  }

  @Test
  void aStreamThatItsInterruptedTaskClosesIsCut() throws Exception {
    Pair pair = connect();
    pair.stream()
        .spawn(
            () -> {
              pair.stream().write(ByteBuffer.wrap(SAID));
              pair.stream().receive();
            });
    assertArrayEquals(SAID, Wire.read(pair.peer(), SAID.length));
    engine.close();
    assertEquals(place.isTcp(), Wire.isReset(pair.peer()));
  }

  @Test
  void aHalfThatItsInterruptedTaskClosesIsCut() throws Exception {
    Pair pair = connect();
    StreamHalves halves = pair.stream().split();
    halves
        .output()
        .spawn(
            () -> {
              halves.output().write(ByteBuffer.wrap(SAID));
              Task.sleep(Duration.ofDays(1));
            });
    assertArrayEquals(SAID, Wire.read(pair.peer(), SAID.length));
    engine.close();
    assertEquals(place.isTcp(), Wire.isReset(pair.peer()));
  }

  @Test
  void anAcceptedStreamInWhichMuchIsUnsentIsCut() throws Exception {
    Pair pair = Pair.connect(rig, engine, place);
    pair.stream()
        .spawn(
            () -> {
              while (true) {
                pair.stream().write(ByteBuffer.allocate(64 << 10));
              }
            });
    Wire.read(pair.peer(), 1 << 20);
    engine.close();
    assertEquals(place.isTcp(), Wire.isReset(pair.peer()));
  }

  @Test
  void aStreamThatIsClosedBeforeTheDeadlineEndsCleanly() throws Exception {
    Pair stays = connect();
    Pair closed = connect();
    closed.stream().write(ByteBuffer.wrap(SAID));
    closed.stream().flush();
    closed.stream().close();
    Await.until("one is left", () -> engine.stats().open() == 1);
    stays.stream().write(ByteBuffer.wrap(SAID));
    stays.stream().flush();
    engine.close();
    assertArrayEquals(SAID, Wire.readToEnd(closed.peer()));
    isCut(stays.peer());
  }

  @Test
  void whatEndedItsOutputBeforeTheDeadlineArrivesWholeThoughItsPeerIsLate() throws Exception {
    place.assumeHalfClose();
    Pair pair = connect();
    // More than the peer's socket takes while nobody reads; the rest is in the kernel on our side.
    byte[] bytes = Wire.randomBytes(new Random(5), place.isTcp() ? 512 << 10 : 64 << 10);
    ByteBuffer source = ByteBuffer.wrap(bytes);
    while (source.hasRemaining()) {
      pair.stream().write(source);
    }
    pair.stream().shutdownOutput();
    engine.close();
    assertEquals(0, engine.stats().open());
    assertArrayEquals(bytes, Wire.readToEnd(pair.peer()));
  }
}
