package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.net.StreamLimits;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The example of {@code docs/proxy.md}. */
class ProxyExampleTest {
  private static final Path SOURCE =
      Path.of("src/test/java/dev/headrace/service/ProxyExampleTest.java");

  @RegisterExtension final Rig rig = new Rig();

  // doc:begin
  static Proxy serve(Engine engine, SocketAddress local, SocketAddress... upstreams)
      throws IOException {
    ProxyOptions options =
        ProxyOptions.to(upstreams)
            .connectTimeout(Duration.ofSeconds(2))
            .limits(StreamLimits.idle(Duration.ofMinutes(5)));
    return Proxy.serve(engine, local, options);
  }

  // doc:end

  @Test
  void theExampleServes() throws Exception {
    Engine engine = rig.start(Transport.AUTO);
    SocketAddress echo = Echo.serve(engine, Wire.ANY_PORT).localAddress();
    SocketAddress other = Echo.serve(engine, Wire.ANY_PORT).localAddress();
    Proxy proxy = serve(engine, Wire.ANY_PORT, echo, other);
    for (int i = 0; i < 2; i++) {
      SocketChannel client = rig.closeLater(Wire.connect(proxy.localAddress()));
      Wire.send(client, new byte[] {5});
      assertArrayEquals(new byte[] {5}, Wire.read(client, 1));
    }
    for (ProxyStats.Upstream upstream : proxy.stats().upstreams()) {
      assertEquals(1, upstream.connects());
    }
  }

  @Test
  void thePageShowsTheExampleAsItIs() throws IOException {
    String[] parts = Files.readString(SOURCE).split("  // doc:(begin|end)\n");
    String code = parts[1].stripTrailing().stripIndent();
    String page = Files.readString(Path.of("../docs/proxy.md"));
    assertTrue(page.contains("```java\n" + code + "\n```"), () -> "it does not show:\n" + code);
  }
}
