package dev.headrace.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.io.Streams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Each member of a stream and of a listener once: {@code docs/surface.md} points here. */
@ParameterizedClass
@MethodSource("dev.headrace.fixture.Place#transports")
class StreamMembersTest {
  @RegisterExtension final Rig rig = new Rig();

  @Parameter Transport transport;

  private Engine engine;
  private TcpStream stream;
  private SocketChannel peer;

  @BeforeEach
  void connect() throws IOException {
    engine = rig.start(transport);
    ServerSocketChannel server = rig.closeLater(Wire.listen(Wire.ANY_PORT));
    stream =
        rig.closeLater(TcpStream.connect(engine, (InetSocketAddress) server.getLocalAddress()));
    peer = rig.closeLater(server.accept());
  }

  private void peerSends(String text) throws IOException {
    Wire.send(peer, text.getBytes(UTF_8));
  }

  private String peerReads(int count) throws IOException {
    return new String(Wire.read(peer, count), UTF_8);
  }

  private static ByteBuffer utf8(String text) {
    return UTF_8.encode(text);
  }

  @Test
  void bothEndsHaveTheirAddresses() throws Exception {
    assertEquals(peer.getRemoteAddress(), stream.localAddress());
    assertEquals(peer.getLocalAddress(), stream.remoteAddress());
  }

  @Test
  void peekLeavesWhatReadTakes() throws Exception {
    peerSends("abc");
    ByteBuffer seen = ByteBuffer.allocate(2);
    assertEquals(2, stream.peek(seen));
    ByteBuffer read = ByteBuffer.allocate(2);
    assertEquals(2, stream.read(read));
    assertEquals(seen, read);
    ByteBuf rest = stream.receive();
    assertEquals("c", rest.toString(UTF_8));
    rest.release();
  }

  @Test
  void theTryFormsDoNotWait() throws Exception {
    ByteBuffer target = ByteBuffer.allocate(2);
    assertEquals(0, stream.tryRead(target));
    ByteBuf nothing = stream.tryReceive();
    assertFalse(nothing.isReadable());
    nothing.release();
    peerSends("abc");
    stream.readable();
    assertEquals(2, stream.tryRead(target));
    ByteBuf rest = stream.tryReceive();
    assertEquals("c", rest.toString(UTF_8));
    rest.release();
    stream.writable();
    assertEquals(2, stream.tryWrite(utf8("de")));
    assertTrue(stream.trySend(Unpooled.copiedBuffer("f", UTF_8)));
    assertEquals("def", peerReads(3));
  }

  @Test
  void theFutureFormsDoNotWait() throws Exception {
    CompletableFuture<Integer> count = stream.readAsync(ByteBuffer.allocate(2));
    assertFalse(count.isDone());
    peerSends("ab");
    assertEquals(2, Rig.get(count));
    CompletableFuture<ByteBuf> bytes = stream.receiveAsync();
    peerSends("c");
    Rig.get(bytes).release();
    Rig.get(stream.writeAsync(utf8("d")));
    Rig.get(stream.sendAsync(Unpooled.copiedBuffer("e", UTF_8)));
    Rig.get(stream.flushAsync());
    Rig.get(stream.shutdownOutputAsync());
    assertEquals("de", new String(Wire.readToEnd(peer), UTF_8));
  }

  @Test
  void severalBuffersAreWrittenAtOnceAndTheOutputIsEnded() throws Exception {
    assertEquals(3, stream.write(utf8("a"), utf8("bc")));
    stream.flush();
    stream.shutdownOutput();
    assertEquals("abc", new String(Wire.readToEnd(peer), UTF_8));
    peerSends("still read");
    assertEquals("still read", new String(Streams.readExact(stream, 10), UTF_8));
    assertThrows(ClosedChannelException.class, () -> stream.write(utf8("d")));
  }

  @Test
  void halvesLiveOnTasksOfTheirOwnAndMakeOneAgain() throws Exception {
    StreamHalves halves = stream.split();
    assertSame(stream, StreamHalves.reunite(halves.input(), halves.output()));
    Rig.get(halves.output().spawn(() -> Streams.writeAll(halves.output(), "ab", UTF_8)));
    assertEquals("ab", new String(Wire.readToEnd(peer), UTF_8));
    peerSends("cd");
    Rig.get(halves.input().spawn(() -> Streams.readExact(halves.input(), 2)));
    assertFalse(stream.isOpen());
  }

  @Test
  void theJdksStreamsReadAndWriteIt() throws Exception {
    InputStream in = stream.inputStream();
    OutputStream out = stream.outputStream();
    peerSends("ab");
    assertEquals("ab", new String(in.readNBytes(2), UTF_8));
    out.write(new byte[] {'c'});
    assertEquals("c", peerReads(1));
    out.close();
    assertFalse(stream.isOpen());
  }

  @Test
  void whatFollowsTheEndIsTheEnd() throws Exception {
    peer.shutdownOutput();
    assertEquals(-1, stream.read(ByteBuffer.allocate(1)));
    assertEquals(-1, stream.tryRead(ByteBuffer.allocate(1)));
    assertNull(stream.receive());
    assertNull(Rig.get(stream.receiveAsync()));
  }

  @Test
  void connectionsAreAcceptedOneByOneOrAsAFuture() throws Exception {
    TcpListener listener = rig.closeLater(TcpListener.bind(engine, Wire.ANY_PORT));
    CompletableFuture<TcpStream> future = listener.acceptAsync();
    try (SocketChannel first = Wire.connect(listener.localAddress());
        TcpStream accepted = Rig.get(future);
        TcpStream second = TcpStream.connect(engine, listener.localAddress());
        TcpStream acceptedToo = listener.accept()) {
      assertEquals(first.getLocalAddress(), accepted.remoteAddress());
      assertEquals(second.localAddress(), acceptedToo.remoteAddress());
    }
  }

  @Test
  void incomingEndsWhenTheListenerIsClosed() throws Exception {
    TcpListener listener = TcpListener.bind(engine, Wire.ANY_PORT);
    List<TcpStream> accepted = new ArrayList<>();
    CompletableFuture<Void> accepting =
        rig.beside(
            () -> {
              for (TcpStream client : listener.incoming()) {
                accepted.add(rig.closeLater(client));
                listener.close();
              }
              return null;
            });
    try (SocketChannel client = Wire.connect(listener.localAddress())) {
      Rig.get(accepting);
      assertEquals(client.getLocalAddress(), accepted.getFirst().remoteAddress());
    }
  }

  @Test
  void aUnixSocketIsServedLikeATcpOne() throws Exception {
    UnixDomainSocketAddress path = Place.freePath();
    try (UnixListener listener = UnixListener.bind(engine, path)) {
      engine.spawn(() -> listener.serve(client -> Streams.copy(client, client)));
      try (UnixStream client = UnixStream.connect(engine, path)) {
        Streams.writeAll(client, "hello", UTF_8);
        assertEquals("hello", new String(Streams.readExact(client, 5), UTF_8));
        assertEquals(path, client.remoteAddress());
      }
    }
  }
}
