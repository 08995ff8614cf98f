package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EngineOptionsTest {
  private static void refuses(String message, EngineOptions.Builder builder) {
    assertEquals(
        message, assertThrows(IllegalArgumentException.class, builder::build).getMessage());
  }

  @Test
  void defaultsAreGood() {
    EngineOptions options = EngineOptions.defaults();
    assertEquals(Transport.AUTO, options.transport());
    assertEquals(Runtime.getRuntime().availableProcessors(), options.loops());
  }

  @Test
  void aBadValueIsNamedWithItsRange() {
    refuses("loops is 0: it must be 1 to 1024", EngineOptions.builder().loops(0));
    refuses("loops is 1025: it must be 1 to 1024", EngineOptions.builder().loops(1025));
    refuses(
        "poolBytesPerLoop is 1: it must be 8388608 or more",
        EngineOptions.builder().poolBytesPerLoop(1));
    refuses("backlog is 0: it must be 1 or more", EngineOptions.builder().backlog(0));
    refuses(
        "writeLowWatermarkBytes is 0: it must be 1 or more",
        EngineOptions.builder().writeWatermarks(0, 10));
    refuses(
        "writeHighWatermarkBytes is 9: it must be at least writeLowWatermarkBytes, 10",
        EngineOptions.builder().writeWatermarks(10, 9));
    refuses(
        "drainTimeout is PT-1S: it must be zero or more",
        EngineOptions.builder().drainTimeout(Duration.ofSeconds(-1)));
  }

  @Test
  void nothingMayBeNull() {
    assertEquals(
        "name",
        assertThrows(NullPointerException.class, () -> EngineOptions.builder().name(null).build())
            .getMessage());
  }

  @Test
  void transportsGoByTheirLabels() {
    for (Transport transport : Transport.values()) {
      assertEquals(transport, Transport.of(transport.toString()));
    }
    assertEquals(
        "unknown transport 'kqueue': use one of auto, io_uring, epoll, nio",
        assertThrows(IllegalArgumentException.class, () -> Transport.of("kqueue")).getMessage());
  }

  @Test
  void failuresOfAnyTransportAreOfOneKind() {
    InetSocketAddress address = new InetSocketAddress("::1", 9);
    IOException refused = new IOException("finishConnect(..) failed: Connection refused");
    IoFailure failure = IoFailure.of("connect", address, refused);
    assertEquals("ECONNREFUSED", failure.kind());
    assertTrue(failure.getMessage().startsWith("connect [0:0:0:0:0:0:0:1]:9: "));
    assertEquals("closed", IoFailure.kindOf(new ClosedChannelException()));
    assertEquals("IllegalStateException", IoFailure.kindOf(new IllegalStateException()));
    assertEquals("EMFILE", IoFailure.kindOf(new IOException("accept: Too many open files")));
    assertEquals(
        "ENFILE", IoFailure.kindOf(new IOException("accept: Too many open files in system")));
  }
}
