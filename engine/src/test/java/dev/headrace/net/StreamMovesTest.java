package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.headrace.Transport;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What tells whether a stream is idle: the limits of a listener cut one whose bytes do not move.
 */
@ParameterizedClass
@MethodSource("dev.headrace.fixture.Place#transports")
class StreamMovesTest {
  @RegisterExtension final Rig rig = new Rig();

  @Parameter Transport transport;

  private TcpStream stream;
  private SocketChannel peer;

  @BeforeEach
  void connect() throws Exception {
    ServerSocketChannel server = rig.closeLater(Wire.listen(Wire.ANY_PORT));
    InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
    stream = rig.closeLater(TcpStream.connect(rig.start(transport), address));
    peer = rig.closeLater(server.accept());
  }

  @Test
  void whatATaskSendsWithoutACopyMoves() throws Exception {
    long before = stream.core().moves();
    stream
        .engine()
        .spawnOn(
            stream.channel().eventLoop(), () -> stream.write(ByteBuffer.allocateDirect(64 << 10)))
        .join();
    Wire.read(peer, 64 << 10); // on NIO it goes out at the end of the drain
    assertNotEquals(before, stream.core().moves());
  }

  @Test
  void aFlushOfNothingMovesNothing() throws Exception {
    long before = stream.core().moves();
    stream.flush();
    assertEquals(before, stream.core().moves());
  }
}
