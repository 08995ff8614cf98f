package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EmbeddedListenerTest {
  /** It would wait for the whole drain timeout, were the listener not closed with the engine. */
  @Test
  @Timeout(30)
  void closingTheEngineClosesTheListenersOfItsBootstraps() {
    Engine engine =
        Engine.start(EngineOptions.builder().drainTimeout(Duration.ofMinutes(5)).build());
    Channel listener =
        engine
            .serverBootstrap()
            .childHandler(new ChannelInboundHandlerAdapter())
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .syncUninterruptibly()
            .channel();
    engine.close();
    assertFalse(listener.isOpen());
  }

  @Test
  void aResetHasTheSameKindInTheWordsOfTheJdkAndOfTheKernel() {
    assertEquals("ECONNRESET", IoFailure.kindOf(new SocketException("Connection reset")));
    assertEquals(
        "ECONNRESET",
        IoFailure.kindOf(
            new IOException("read(..) failed with error(-104): Connection reset by peer")));
  }
}
