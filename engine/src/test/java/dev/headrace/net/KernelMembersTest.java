package dev.headrace.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.io.Streams;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Unix datagrams and pipes, each member once: {@code docs/surface.md} points here. */
@ParameterizedClass
@MethodSource("dev.headrace.fixture.Place#transports")
class KernelMembersTest {
  @RegisterExtension final Rig rig = new Rig();

  @Parameter Transport transport;

  private Engine engine;

  @BeforeEach
  void start() {
    engine = rig.start(transport);
  }

  private static String receive(UnixDatagram socket) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(100);
    socket.receiveFrom(target);
    return UTF_8.decode(target.flip()).toString();
  }

  private static void pass(PipeSink sink, PipeSource source) throws IOException {
    Streams.writeAll(sink, "through the kernel", UTF_8);
    sink.shutdownOutput();
    assertEquals("through the kernel", Streams.readToString(source, 100, UTF_8));
  }

  @Test
  void aUnixDatagramGoesFromASocketWithoutAnAddressToOneWithOne() throws Exception {
    UnixDomainSocketAddress path = Place.freePath();
    try (UnixDatagram bound = UnixDatagram.bind(engine, path);
        UnixDatagram unbound = UnixDatagram.unbound(engine)) {
      unbound.sendTo(UTF_8.encode("hello"), path);
      assertEquals("hello", receive(bound));
    }
  }

  @Test
  void aPairOfUnixDatagramsTalks() throws Exception {
    UnixDatagram.Pair pair = UnixDatagram.pair(engine);
    try (UnixDatagram first = pair.first();
        UnixDatagram second = pair.second()) {
      first.send(UTF_8.encode("there"));
      second.send(UTF_8.encode("back"));
      assertEquals("there", receive(second));
      assertEquals("back", receive(first));
    }
  }

  @Test
  void aPipeOfTheKernelCarriesBytesToItsEnd() throws Exception {
    Pipes.Ends ends = Pipes.open(engine);
    try (PipeSource source = ends.source();
        PipeSink sink = ends.sink()) {
      pass(sink, source);
    }
  }

  @Test
  void aNamedPipeIsMadeAndOpenedFromBothSides(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("fifo");
    Pipes.makeFifo(path, 0600);
    try (PipeSource source = Pipes.openSource(engine, path);
        PipeSink sink = Pipes.openSink(engine, path)) {
      pass(sink, source);
    }
  }
}
