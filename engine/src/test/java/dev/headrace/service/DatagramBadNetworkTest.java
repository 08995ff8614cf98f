package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.BadDatagramRelay;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Sequence;
import dev.headrace.fixture.Wire;
import dev.headrace.net.UdpSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams that are dropped and reordered: each that arrives is one that was sent, unharmed. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class DatagramBadNetworkTest {
  private static final int ANSWERS = 500;

  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;

  DatagramBadNetworkTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
  }

  @Test
  void theEchoService() throws Exception {
    comeBackUnharmed(UdpEcho.serve(engine, Wire.ANY_PORT).localAddress());
  }

  @Test
  void theEchoInBlockingStyle() throws Exception {
    UdpSocket socket = rig.closeLater(UdpSocket.bind(engine, Wire.ANY_PORT));
    engine.spawn(
        () -> {
          UdpEcho.echo(socket);
          return null;
        });
    comeBackUnharmed(socket.localAddress());
  }

  private void comeBackUnharmed(SocketAddress echo) throws Exception {
    BadDatagramRelay relay = rig.closeLater(BadDatagramRelay.to(echo));
    DatagramChannel client = rig.closeLater(DatagramChannel.open().connect(relay.localAddress()));
    AtomicInteger sent = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    CompletableFuture<Void> sending =
        rig.beside(
            () -> {
              while (answered.get() < ANSWERS) {
                client.write(ByteBuffer.wrap(datagram(sent.getAndIncrement())));
                Thread.yield();
              }
              return null;
            });
    Set<Integer> seen = new HashSet<>();
    ByteBuffer buffer = ByteBuffer.allocate(70_000);
    for (int last = -1, late = 0; answered.get() < ANSWERS || late == 0; ) {
      client.read(buffer.clear());
      int number = buffer.flip().getInt(0);
      assertTrue(number >= 0 && number < sent.get(), () -> number + " was not sent");
      assertTrue(seen.add(number), () -> number + " came twice");
      assertEquals(ByteBuffer.wrap(datagram(number)), buffer, () -> "number " + number);
      late += number < last ? 1 : 0;
      last = number;
      answered.incrementAndGet();
    }
    Rig.get(sending);
  }

  /** Its number, and then bytes that follow from it, between 4 and 9,003 in all. */
  private static byte[] datagram(int number) {
    byte[] bytes = new Sequence(number).bytes(0, 4 + number * 7_919 % 9_000);
    ByteBuffer.wrap(bytes).putInt(0, number);
    return bytes;
  }
}
