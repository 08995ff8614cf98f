package dev.headrace.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Pair;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.io.Streams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class StreamContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;
  private SocketStream stream;
  private SocketChannel peer;

  StreamContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void connect() throws IOException {
    engine = rig.start(place.transport(), options -> options.drainTimeout(Duration.ofMillis(100)));
    Pair pair = Pair.connect(rig, engine, place);
    stream = pair.stream();
    peer = pair.peer();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, US_ASCII);
  }

  private void peerSends(String text) throws IOException {
    Wire.send(peer, text.getBytes(US_ASCII));
  }

  private String peerReads(int count) throws IOException {
    return new String(Wire.read(peer, count), US_ASCII);
  }

  /** What a buffer holds, which is released. */
  private static String text(ByteBuf bytes) {
    try {
      return bytes.toString(US_ASCII);
    } finally {
      bytes.release();
    }
  }

  private String read(int most) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(most);
    stream.read(target);
    return new String(target.array(), 0, target.position(), US_ASCII);
  }

  /** Until the stream takes no more, since its peer does not read; says how many bytes it took. */
  private long fill() throws IOException {
    ByteBuffer block = ByteBuffer.allocate(64 << 10);
    AtomicLong taken = new AtomicLong();
    return Await.settled(
        () -> {
          try {
            return taken.addAndGet(stream.tryWrite(block.clear()));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void aCopyGivesBackWhatWasSent() throws Exception {
    StreamListener<?> listener = StreamListener.bind(engine, place.free());
    Task<Void> serving = engine.spawn(() -> listener.serve(client -> Streams.copy(client, client)));
    List<CompletableFuture<byte[]>> answers = new ArrayList<>();
    List<byte[]> questions = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      byte[] question = Wire.randomBytes(new Random(i), 1 + i * 200_000);
      SocketChannel client = rig.closeLater(Wire.connect(listener.localAddress()));
      rig.beside(
          () -> {
            Wire.send(client, question);
            return null;
          });
      answers.add(rig.beside(() -> Wire.read(client, question.length)));
      questions.add(question);
    }
    for (int i = 0; i < answers.size(); i++) {
      assertArrayEquals(questions.get(i), Rig.get(answers.get(i)));
    }
    listener.close();
    Rig.get(serving);
  }

  @Test
  void peekLooksReadTakesAndUnreadPutsBackInFront() throws Exception {
    peerSends("abcdef");
    ByteBuffer target = ByteBuffer.allocate(3);
    assertEquals(3, stream.peek(target));
    assertArrayEquals("abc".getBytes(US_ASCII), target.array());
    assertEquals("ab", read(2));
    ByteBuf rest = stream.receive();
    assertEquals("cdef", rest.toString(US_ASCII));
    // The last one put back is the first one read.
    stream.unread(rest.readRetainedSlice(2));
    stream.unread(bytes("xy"));
    stream.unread(Unpooled.EMPTY_BUFFER);
    rest.release();
    assertEquals("xycd", read(2) + read(10));
    peerSends("z");
    assertEquals("z", read(10));
    assertEquals(0, stream.read(ByteBuffer.allocate(0)));
    assertEquals(0, stream.peek(ByteBuffer.allocate(0)));
  }

  @Test
  void theTryFormsGiveNothingThenBytesThenTheEnd() throws Exception {
    assertEquals(0, stream.tryRead(ByteBuffer.allocate(4)));
    assertEquals("", text(stream.tryReceive()));
    peerSends("abcdefgh");
    stream.readable();
    ByteBuffer target = ByteBuffer.allocate(3);
    assertEquals(3, stream.tryRead(target));
    assertEquals("defgh", text(stream.tryReceive()));
    peer.close();
    stream.readable();
    assertEquals(-1, stream.tryRead(ByteBuffer.allocate(4)));
    assertNull(stream.tryReceive());
    assertNull(stream.receive());
    assertEquals(-1, stream.read(ByteBuffer.allocate(4)));
  }

  @Test
  void aFullStreamTakesNothingUntilItsPeerReads() throws Exception {
    long taken = fill();
    assertEquals(0, stream.tryWrite(ByteBuffer.allocate(1)));
    ByteBuf one = bytes("1");
    assertFalse(stream.trySend(one));
    Parked<Void> writer =
        Parked.in(
            engine,
            () -> {
              stream.writable();
              stream.send(one);
              return null;
            });
    Wire.read(peer, (int) taken);
    Rig.get(writer.task());
    assertEquals("1", peerReads(1));
  }

  @Test
  void aFutureReceiveThatIsCancelledLosesNothing() throws Exception {
    CompletableFuture<ByteBuf> cancelled = stream.receiveAsync();
    assertTrue(cancelled.cancel(false));
    CompletableFuture<ByteBuf> timedOut = stream.receiveAsync();
    timedOut.completeExceptionally(new IOException("given up"));
    ByteBuffer untouched = ByteBuffer.allocate(2);
    assertTrue(stream.readAsync(untouched).cancel(false));
    peerSends("abcd");
    ByteBuffer target = ByteBuffer.allocate(2);
    assertEquals(2, Rig.get(stream.readAsync(target)));
    assertArrayEquals("ab".getBytes(US_ASCII), target.array());
    assertEquals("cd", text(Rig.get(stream.receiveAsync())));
    assertEquals(0, untouched.position());
    CompletableFuture<Integer> end = stream.readAsync(target.clear());
    peer.close();
    assertEquals(-1, Rig.get(end));
    assertNull(Rig.get(stream.receiveAsync()));
  }

  @Test
  void aFutureSendThatIsCancelledBeforeItIsTakenSendsNothing() throws Exception {
    long taken = fill();
    ByteBuf never = bytes("never");
    CompletableFuture<Void> cancelled = stream.sendAsync(never);
    assertFalse(cancelled.isDone());
    assertTrue(cancelled.cancel(false));
    assertEquals(0, never.refCnt());
    CompletableFuture<Integer> neither = stream.writeAsync(ByteBuffer.wrap(new byte[3]));
    assertTrue(neither.cancel(false));
    CompletableFuture<Integer> written =
        stream.writeAsync(ByteBuffer.wrap("last".getBytes(US_ASCII)));
    Wire.read(peer, (int) taken);
    assertEquals(4, Rig.get(written));
    assertEquals("last", peerReads(4));
  }

  @Test
  void theFutureFormsWorkOnTheLoopsOwnThread() throws Exception {
    CompletableFuture<Void> echoed = new CompletableFuture<>();
    engine
        .loops()
        .next()
        .execute(
            () ->
                stream
                    .receiveAsync()
                    .thenCompose(stream::sendAsync)
                    .thenCompose(sent -> stream.flushAsync())
                    .thenAccept(echoed::complete));
    peerSends("ab");
    Rig.get(echoed);
    assertEquals("ab", peerReads(2));
  }

  @Test
  void theViewsAreStreamsOfTheJdk() throws Exception {
    byte[] sent = Wire.randomBytes(new Random(1), 300_000);
    CompletableFuture<Void> echo =
        rig.beside(
            () -> {
              Wire.send(peer, Wire.read(peer, sent.length));
              peer.close();
              return null;
            });
    Task<byte[]> answer =
        engine.spawn(
            () -> {
              try (InputStream in = stream.inputStream()) {
                return in.readAllBytes();
              }
            });
    OutputStream out = stream.outputStream();
    out.write(sent);
    out.flush();
    assertArrayEquals(sent, Rig.get(answer));
    Rig.get(echo);
    assertFalse(stream.isOpen());
  }

  @Test
  void twoHalvesWorkOnTwoTasksOnAnyLoop() throws Exception {
    byte[] sent = Wire.randomBytes(new Random(2), 3_000_000);
    CompletableFuture<Void> echo =
        rig.beside(
            () -> {
              ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
              for (int left = sent.length; left > 0; left -= buffer.limit()) {
                buffer.clear();
                peer.read(buffer);
                buffer.flip();
                Wire.send(peer, buffer.array(), 0, buffer.limit());
              }
              return null;
            });
    StreamHalves halves = stream.split();
    List<Task<Void>> tasks = new ArrayList<>();
    ByteBuffer answer = ByteBuffer.allocate(sent.length);
    tasks.add(
        halves
            .output()
            .spawn(
                () -> {
                  halves.output().write(ByteBuffer.wrap(sent));
                  halves.output().flush();
                  Rig.get(echo); // ends before the peer has its end, which some places cut at
                }));
    tasks.add(
        engine.spawnOn(
            engine.loops().next(),
            () -> {
              try (StreamHalves.Input input = halves.input()) {
                while (answer.hasRemaining()) {
                  assertTrue(input.read(answer) > 0);
                }
              }
            }));
    for (Task<Void> task : tasks) {
      Rig.get(task);
    }
    assertArrayEquals(sent, answer.array());
    Await.until("both halves are closed", () -> !stream.isOpen());
  }

  @Test
  void twoHalvesMakeOneAgainAndOfTwoStreamsTheyDoNot() throws Exception {
    StreamHalves halves = stream.split();
    StreamHalves others = Pair.connect(rig, engine, place).stream().split();
    assertSame(stream, StreamHalves.reunite(halves.input(), halves.output()));
    assertThrows(
        IllegalArgumentException.class,
        () -> StreamHalves.reunite(halves.input(), others.output()));
  }

  @Test
  void closingTheInputHalfWakesWhoReadsAndLeavesTheOutput() throws Exception {
    StreamHalves halves = stream.split();
    Parked<ByteBuf> reader = Parked.in(engine, halves.input()::receive);
    halves.input().close();
    assertInstanceOf(AsynchronousCloseException.class, reader.failure());
    assertThrows(ClosedChannelException.class, () -> halves.input().receive());
    halves.output().send(bytes("still"));
    assertEquals("still", peerReads(5));
    halves.output().close();
    assertFalse(stream.isOpen());
  }

  @Test
  void aPeerThatEndsFirstGetsTheRestAndTheOtherWayRound() throws Exception {
    place.assumeHalfClose();
    // 1. The peer ends; we read its end, and still send.
    peerSends("last");
    peer.shutdownOutput();
    assertEquals("last", read(10));
    assertEquals(-1, stream.read(ByteBuffer.allocate(1)));
    stream.send(bytes("rest"));
    assertEquals("rest", peerReads(4));
    // 2. We end; the peer reads our end, and nothing more can be sent.
    stream.shutdownOutput();
    stream.shutdownOutput();
    assertTrue(Wire.ends(peer));
    ByteBuf tooLate = bytes("!");
    assertThrows(ClosedChannelException.class, () -> stream.send(tooLate));
    tooLate.release();
    assertThrows(ClosedChannelException.class, () -> stream.write(ByteBuffer.allocate(1)));
  }

  @Test
  void aStreamThatEndsFirstStillReads() throws Exception {
    place.assumeHalfClose();
    CompletableFuture<byte[]> all = rig.beside(() -> Wire.readToEnd(peer));
    stream.write(ByteBuffer.allocate(1_000_000));
    stream.shutdownOutput();
    assertEquals(1_000_000, Rig.get(all).length);
    peerSends("answer");
    assertEquals("answer", read(10));
    peer.close();
    assertNull(stream.receive());
  }

  @Test
  void endingTheOutputWakesAWriterThatWaits() throws Exception {
    place.assumeHalfClose();
    fill();
    Parked<Integer> writer = Parked.in(engine, () -> stream.write(ByteBuffer.allocate(9)));
    CompletableFuture<Void> ended = stream.shutdownOutputAsync();
    assertInstanceOf(ClosedChannelException.class, writer.failure());
    rig.beside(() -> Wire.readToEnd(peer));
    Rig.get(ended);
  }

  @Test
  void closingWakesWhoWaits() throws Exception {
    fill();
    SocketStream other = Pair.connect(rig, engine, place).stream();
    SocketStream third = Pair.connect(rig, engine, place).stream();
    ByteBuf unsent = bytes("unsent");
    List<Parked<?>> waiting = new ArrayList<>();
    waiting.add(Parked.in(engine, stream::receive));
    waiting.add(
        Parked.in(
            engine,
            () -> {
              stream.send(unsent);
              return null;
            }));
    waiting.add(Parked.in(engine, () -> other.read(ByteBuffer.allocate(1))));
    waiting.add(Parked.in(engine, () -> third.peek(ByteBuffer.allocate(1))));
    stream.abort();
    other.close();
    third.close();
    for (Parked<?> parked : waiting) {
      assertInstanceOf(AsynchronousCloseException.class, parked.failure());
    }
    unsent.release();
    assertThrows(ClosedChannelException.class, stream::receive);
    stream.close();
    stream.unread(bytes("released"));
  }

  @Test
  void closingFailsTheFuturesThatWait() throws Exception {
    CompletableFuture<ByteBuf> received = stream.receiveAsync();
    fill();
    ByteBuf unsent = bytes("unsent");
    CompletableFuture<Void> sent = stream.sendAsync(unsent);
    stream.abort();
    for (CompletableFuture<?> future : List.of(received, sent)) {
      Throwable failure = assertThrows(ExecutionException.class, () -> Rig.get(future)).getCause();
      assertInstanceOf(AsynchronousCloseException.class, failure);
    }
    assertEquals(0, unsent.refCnt());
  }

  @Test
  void whatWasWrittenBeforeTheCloseArrives() throws Exception {
    byte[] sent = Wire.randomBytes(new Random(4), 5_000_000);
    Task<Void> writer = stream.spawn(() -> stream.write(ByteBuffer.wrap(sent)));
    CompletableFuture<byte[]> all = rig.beside(() -> Wire.readToEnd(peer));
    Rig.get(writer);
    assertFalse(stream.isOpen());
    assertArrayEquals(sent, Rig.get(all));
    Await.until("it is closed", () -> engine.stats().open() == 0);
  }

  @Test
  void aFlushWaitsUntilTheKernelHasItAll() throws Exception {
    fill();
    Parked<Void> flushing =
        Parked.in(
            engine,
            () -> {
              stream.flush();
              return null;
            });
    assertFalse(flushing.task().isDone());
    CompletableFuture<byte[]> all = rig.beside(() -> Wire.readToEnd(peer));
    Rig.get(flushing.task());
    stream.close();
    Rig.get(all);
    assertThrows(IOException.class, () -> stream.flush());
  }

  @Test
  void abortingResetsThePeer() throws Exception {
    assumeTrue(place.isTcp(), "a Unix socket has no reset");
    fill();
    stream.abort();
    IOException reset = assertThrows(IOException.class, () -> Wire.readToEnd(peer));
    assertTrue(reset.getMessage().contains("reset"), reset::getMessage);
  }

  @Test
  void aSecondReaderAndASecondWriterAreRefused() throws Exception {
    Parked<ByteBuf> reader = Parked.in(engine, stream::receive);
    String refusal = assertThrows(IllegalStateException.class, stream::receive).getMessage();
    assertTrue(refusal.contains("another task reads this stream"), refusal);
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> Rig.get(stream.receiveAsync()));
    assertInstanceOf(IllegalStateException.class, failed.getCause());
    long taken = fill();
    Parked<Integer> writer = Parked.in(engine, () -> stream.write(ByteBuffer.allocate(1)));
    refusal =
        assertThrows(IllegalStateException.class, () -> stream.write(ByteBuffer.allocate(1)))
            .getMessage();
    assertTrue(refusal.contains("another task writes this stream"), refusal);
    // Neither has lost its place by that.
    Wire.read(peer, (int) taken + 1);
    assertEquals(1, Rig.get(writer.task()));
    peerSends("a");
    assertEquals("a", text(Rig.get(reader.task())));
  }

  @Test
  void theLoopsOwnThreadIsRefused() throws Exception {
    List<String> refusals =
        Rig.get(
            engine
                .loops()
                .submit(
                    () -> {
                      List<String> told = new ArrayList<>();
                      for (Operation blocking : blocking()) {
                        told.add(
                            assertThrows(IllegalStateException.class, blocking::run).getMessage());
                      }
                      return told;
                    }));
    for (String refusal : refusals) {
      assertTrue(refusal.contains("this is the loop's own thread headrace-"), refusal);
    }
  }

  private interface Operation {
    void run() throws IOException;
  }

  private List<Operation> blocking() {
    return List.of(
        stream::receive,
        stream::readable,
        stream::writable,
        stream::flush,
        stream::shutdownOutput,
        () -> stream.read(ByteBuffer.allocate(1)),
        () -> stream.write(ByteBuffer.allocate(1)),
        () -> stream.send(Unpooled.EMPTY_BUFFER));
  }

  @Test
  void aStreamOutlivesItsEngineAsAClosedOne() throws Exception {
    engine.close();
    ByteBuf unsent = bytes("unsent");
    assertThrows(IOException.class, () -> stream.send(unsent));
    unsent.release();
    assertThrows(IOException.class, () -> stream.flush());
    stream.close();
    stream.abort();
    assertThrows(ClosedChannelException.class, stream::receive);
  }
}
