package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.headrace.service.Echo;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EchoSmokeTest {
  @ParameterizedTest
  @EnumSource(Transport.class)
  void echoes(Transport transport) throws Exception {
    Engine engine = Engine.start(EngineOptions.builder().transport(transport).build());
    try (engine) {
      Listener listener = Echo.serve(engine, new InetSocketAddress("127.0.0.1", 0));
      try (Socket socket = new Socket()) {
        socket.connect(listener.localAddress());
        byte[] sent = new byte[100_000];
        new java.util.Random(1).nextBytes(sent);
        socket.getOutputStream().write(sent);
        socket.shutdownOutput();
        assertArrayEquals(sent, socket.getInputStream().readAllBytes());
      }
    }
    assertEquals(0, engine.stats().open());
    assertEquals(0, engine.stats().buffersInUse());
  }
}
