package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.file.Advice;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.OpenOptions;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Pair;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.io.Streams;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Files to streams and back, over every transport and family of sockets. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class SendFileContractTest {
  private static final long BEYOND_AN_INT = (2L << 30) + 12_345;

  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final Place place;
  private Engine engine;
  private SocketStream stream;
  private SocketChannel peer;

  SendFileContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void connect() throws IOException {
    engine = rig.start(place.transport(), options -> options.drainTimeout(Duration.ofMillis(100)));
    Pair pair = Pair.connect(rig, engine, place);
    stream = pair.stream();
    peer = pair.peer();
  }

  private byte[] content(int size) throws IOException {
    byte[] content = Wire.randomBytes(new Random(size), size);
    Files.write(path(), content);
    return content;
  }

  private Path path() {
    return directory.resolve("file");
  }

  private AsyncFile open(OpenOptions options) throws IOException {
    return rig.closeLater(AsyncFile.open(engine, path(), options));
  }

  private Task<Long> sending(AsyncFile file, long offset, long length) {
    return engine.spawnOn(
        stream.channel().eventLoop(), () -> stream.sendFile(file, offset, length));
  }

  private static void awaitParked(Thread[] sender) {
    Await.until(
        () -> "the sender waits: " + sender[0],
        () -> sender[0] != null && Parked.isParked(sender[0]));
  }

  @Test
  void aFileIsSentWhole() throws Exception {
    byte[] content = content(5_000_001);
    AsyncFile file = open(OpenOptions.reading());
    Task<Long> sent = sending(file, 0, content.length);
    assertArrayEquals(content, Wire.read(peer, content.length));
    assertEquals(content.length, Rig.get(sent));
    assertEquals(0, file.position());
  }

  @Test
  void aPartOfAFileGoesBehindWhatWasSentBefore() throws Exception {
    byte[] content = content(700_000);
    AsyncFile file = open(OpenOptions.reading());
    Task<Void> sent =
        engine.spawnOn(
            stream.channel().eventLoop(),
            () -> {
              stream.send(Unpooled.copiedBuffer(new byte[] {1, 2, 3}));
              assertEquals(600_000, stream.sendFile(file, 50_000, 600_000));
              stream.send(Unpooled.copiedBuffer(new byte[] {4}));
              assertEquals(10, stream.sendFile(file, 0, 10));
              stream.shutdownOutput();
            });
    byte[] received = Wire.readToEnd(peer);
    Rig.get(sent);
    assertEquals(3 + 600_000 + 1 + 10, received.length);
    assertArrayEquals(
        Arrays.copyOfRange(content, 50_000, 650_000), Arrays.copyOfRange(received, 3, 600_003));
    assertEquals(4, received[600_003]);
    assertArrayEquals(
        Arrays.copyOf(content, 10), Arrays.copyOfRange(received, 600_004, received.length));
  }

  @Test
  void whatIsNotCachedIsReadThroughTheEngine() throws Exception {
    byte[] content = content(3_000_000);
    AsyncFile file = open(OpenOptions.reading().write());
    file.syncAll();
    file.advise(0, 0, Advice.DONT_NEED);
    Task<Long> sent = sending(file, 0, content.length);
    assertArrayEquals(content, Wire.read(peer, content.length));
    assertEquals(content.length, Rig.get(sent));
  }

  @Test
  void fromAnotherThreadItIsTheSame() throws Exception {
    byte[] content = content(1_500_000);
    AsyncFile file = open(OpenOptions.reading());
    CompletableFuture<Long> sent = rig.beside(() -> stream.sendFile(file, 0, content.length));
    assertArrayEquals(content, Wire.read(peer, content.length));
    assertEquals(content.length, Rig.get(sent));
  }

  @Test
  void aFileThatEndsBeforeGivesWhatItHas() throws Exception {
    content(100_000);
    AsyncFile file = open(OpenOptions.reading());
    Task<Long> sent = sending(file, 40_000, 1L << 40);
    assertEquals(60_000, Wire.read(peer, 60_000).length);
    assertEquals(60_000, Rig.get(sent));
    assertEquals(0, Rig.get(sending(file, 200_000, 10)));
  }

  @Test
  void aSlowPeerHoldsTheSenderAndNotTheLoop() throws Exception {
    byte[] content = content(16 << 20);
    AsyncFile file = open(OpenOptions.reading());
    Thread[] sender = new Thread[1];
    Task<Long> sent =
        engine.spawnOn(
            stream.channel().eventLoop(),
            () -> {
              sender[0] = Thread.currentThread();
              return stream.sendFile(file, 0, content.length);
            });
    engine.spawnOn(stream.channel().eventLoop(), () -> {}).join(); // the loop goes on
    awaitParked(sender);
    assertArrayEquals(content, Wire.read(peer, content.length));
    assertEquals(content.length, Rig.get(sent));
  }

  @Test
  void anInterruptSaysHowMuchWasSent() throws Exception {
    byte[] content = content(16 << 20);
    AsyncFile file = open(OpenOptions.reading());
    Thread[] sender = new Thread[1];
    CompletableFuture<Long> sent =
        rig.beside(
            () -> {
              sender[0] = Thread.currentThread();
              return stream.sendFile(file, 0, content.length);
            });
    assertArrayEquals(Arrays.copyOf(content, 1), Wire.read(peer, 1));
    awaitParked(sender);
    sender[0].interrupt();
    ExecutionException failure = assertThrows(ExecutionException.class, () -> Rig.get(sent));
    int before =
        assertInstanceOf(InterruptedIOException.class, failure.getCause()).bytesTransferred;
    CompletableFuture<byte[]> rest = rig.beside(() -> Wire.readToEnd(peer));
    stream.shutdownOutput();
    assertArrayEquals(Arrays.copyOfRange(content, 1, before), Rig.get(rest));
  }

  @Test
  void whatLiesBeyondTwoGigabytesIsSent() throws Exception {
    try (AsyncFile file = AsyncFile.open(engine, path(), OpenOptions.creating().read())) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), BEYOND_AN_INT);
      Task<Long> sent = sending(file, BEYOND_AN_INT - 100_000, 1L << 40);
      byte[] received = Wire.read(peer, 100_004);
      assertArrayEquals(new byte[] {0, 1, 2, 3, 4}, Arrays.copyOfRange(received, 99_999, 100_004));
      assertEquals(100_004, Rig.get(sent));
    }
  }

  @Test
  void aStreamIsCopiedIntoAFileAndBack() throws Exception {
    byte[] content = Wire.randomBytes(new Random(7), 2_000_003);
    AsyncFile file = open(OpenOptions.creating().read());
    Task<Long> stored =
        engine.spawnOn(stream.channel().eventLoop(), () -> Streams.copy(stream, file));
    Wire.send(peer, content);
    peer.shutdownOutput();
    assertEquals(content.length, Rig.get(stored));
    assertArrayEquals(content, Files.readAllBytes(path()));

    file.position(0);
    Task<Long> sent =
        engine.spawnOn(stream.channel().eventLoop(), () -> Streams.copy(file, stream));
    assertArrayEquals(content, Wire.read(peer, content.length));
    assertEquals(content.length, Rig.get(sent));
  }

  @Test
  void aPeerThatIsGoneIsAnError() throws Exception {
    byte[] content = content(16 << 20);
    AsyncFile file = open(OpenOptions.reading());
    Task<Long> sent = sending(file, 0, content.length);
    Wire.read(peer, 1);
    Wire.reset(peer);
    ExecutionException failure = assertThrows(ExecutionException.class, () -> Rig.get(sent));
    assertInstanceOf(IOException.class, failure.getCause());
  }

  @Test
  void badValuesAreNamed() throws Exception {
    content(10);
    AsyncFile file = open(OpenOptions.reading());
    String message =
        assertThrows(IllegalArgumentException.class, () -> stream.sendFile(file, -1, 5))
            .getMessage();
    assertTrue(message.contains("-1"), message);
    assertEquals(0, stream.sendFile(file, 0, 0));
  }
}
