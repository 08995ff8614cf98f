package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Child;
import dev.headrace.fixture.Printed;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import java.io.EOFException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example does what it says, on every transport. */
@ParameterizedClass
@MethodSource("dev.headrace.fixture.Place#transports")
class ExamplesTest {
  @RegisterExtension final Rig rig = new Rig();

  private final Printed printed = Printed.capture();

  @Parameter Transport transport;

  @AfterEach
  void printAgain() {
    printed.close();
  }

  private interface Serving {
    void run(TcpListener listener) throws Exception;
  }

  /** Serves in a task, until the engine is closed. */
  private InetSocketAddress serve(Engine engine, Serving server) throws Exception {
    TcpListener listener = rig.closeLater(TcpListener.bind(engine, Wire.ANY_PORT));
    engine.spawn(() -> server.run(listener));
    return listener.localAddress();
  }

  private static String ask(InetSocketAddress server, String question) throws Exception {
    try (SocketChannel client = Wire.connect(server)) {
      Wire.send(client, question.getBytes(UTF_8));
      client.shutdownOutput();
      return new String(Wire.readToEnd(client), UTF_8);
    }
  }

  @Test
  void echoWithCopyGivesEveryByteBack() throws Exception {
    InetSocketAddress server = serve(rig.start(transport), EchoWithCopy::serve);
    assertEquals("hello\nworld\n", ask(server, "hello\nworld\n"));
    printed.await("wrote 12 bytes");
  }

  @Test
  void echoByHandAnswersWithAPrefix() throws Exception {
    InetSocketAddress server = serve(rig.start(transport), EchoByHand::serve);
    assertEquals("Echo: hello", ask(server, "hello"));
    printed.await("connection from /127.0.0.1:");
  }

  @Test
  void fiveBytesAreReadAndWrittenBackAndNoMore() throws Exception {
    InetSocketAddress server = serve(rig.start(transport), EchoFiveBytes::serve);
    try (SocketChannel client = Wire.connect(server)) {
      Wire.send(client, "hel".getBytes(UTF_8));
      printed.await("accepted; address=/127.0.0.1:");
      Wire.send(client, "lo".getBytes(UTF_8));
      assertEquals("hello", new String(Wire.readToEnd(client), UTF_8));
    }
  }

  @Test
  void theClientPrintsTheAnswer() throws Exception {
    Engine engine = rig.start(transport);
    Client.greet(engine, serve(engine, EchoByHand::serve));
    printed.await("connected to the server");
    printed.await("response: Echo: Hello, server!");
  }

  @Test
  void aSplitClientWritesWhileItReads() throws Exception {
    Engine engine = rig.start(transport);
    SplitClient.run(TcpStream.connect(engine, serve(engine, EchoWithCopy::serve)));
    printed.await("wrote 14 bytes");
    assertTrue(printed.text().contains("got hello\r\n"), printed.text());
    assertTrue(printed.text().contains("world\r\n"), printed.text());
  }

  @Test
  void aChatSendsFiveLinesAndPrintsTheAnswers() throws Exception {
    Engine engine = rig.start(transport);
    Chat.chat(
        TcpStream.connect(engine, serve(engine, listener -> listener.serve(LineServer::answer))));
    assertEquals(
        List.of(
            "received: Processed: Message 0",
            "received: Processed: Message 1",
            "received: Processed: Message 2",
            "received: Processed: Message 3",
            "received: Processed: Message 4"),
        printed.lines());
  }

  @Test
  void theLineServerAnswersEachLine() throws Exception {
    InetSocketAddress server =
        serve(rig.start(transport), listener -> listener.serve(LineServer::answer));
    try (SocketChannel client = Wire.connect(server)) {
      Wire.send(client, "  one \r\ntw".getBytes(UTF_8));
      assertEquals("Processed: one\n", new String(Wire.read(client, 15), UTF_8));
      Wire.send(client, "o\n".getBytes(UTF_8));
      assertEquals("Processed: two\n", new String(Wire.read(client, 15), UTF_8));
    }
  }

  @Test
  void theProxyPassesBytesOnBothWays() throws Exception {
    Engine engine = rig.start(transport);
    InetSocketAddress upstream = serve(engine, EchoByHand::serve);
    InetSocketAddress proxy = serve(engine, listener -> TcpProxy.serve(engine, listener, upstream));
    assertEquals("Echo: hello", ask(proxy, "hello"));
    printed.await("5 bytes there, 11 bytes back");
  }

  @Test
  void theHttpServerAnswersARequest() throws Exception {
    InetSocketAddress server =
        serve(rig.start(transport), listener -> listener.serve(HttpServer::answer));
    assertEquals(
        "HTTP/1.1 200 OK\r\nContent-Length: 54\r\nContent-Type: text/plain\r\n\r\n"
            + "Hello from Headrace!\nYou requested: GET /tea HTTP/1.1\n",
        ask(server, "GET /tea HTTP/1.1\r\nHost: here\r\nAccept: */*\r\n\r\n"));
    printed.await("GET /tea HTTP/1.1 with 2 headers");
  }

  @Test
  void theMetricsCountTheConnectionsThatAskForThem() throws Exception {
    Engine engine = rig.start(transport);
    InetSocketAddress server = serve(engine, listener -> Metrics.serve(engine, listener));
    long first = accepted(ask(server, "GET /metrics HTTP/1.1\r\n\r\n"));
    Await.until("it moves", () -> accepted(ask(server, "GET /metrics HTTP/1.1\r\n\r\n")) > first);
  }

  private static long accepted(String page) {
    return page.lines()
        .filter(line -> line.startsWith("headrace_accepted_connections_total{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void aCombinatorByHandFillsItsBufferByPollingAndByComposing() throws Exception {
    Engine engine = rig.start(transport);
    try (ServerSocketChannel server = Wire.listen(Wire.ANY_PORT);
        TcpStream stream = TcpStream.connect(engine, (InetSocketAddress) server.getLocalAddress());
        SocketChannel peer = server.accept()) {
      Task<ByteBuffer> polled =
          engine.spawn(() -> ReadExact.polled(stream, ByteBuffer.allocate(5)));
      Wire.send(peer, "one".getBytes(UTF_8));
      Wire.send(peer, "twothr".getBytes(UTF_8));
      assertEquals("onetw", UTF_8.decode(Rig.get(polled)).toString());

      var composed = ReadExact.composed(stream, ByteBuffer.allocate(6));
      assertFalse(composed.isDone());
      Wire.send(peer, "ee".getBytes(UTF_8));
      assertEquals("othree", UTF_8.decode(Rig.get(composed)).toString());

      var cutOff = ReadExact.composed(stream, ByteBuffer.allocate(6));
      Wire.send(peer, "four".getBytes(UTF_8));
      peer.shutdownOutput();
      Throwable early = assertThrows(ExecutionException.class, () -> Rig.get(cutOff)).getCause();
      assertEquals("early end, 2 bytes are missing", early.getMessage());
      assertThrows(EOFException.class, () -> ReadExact.polled(stream, ByteBuffer.allocate(1)));
    }
  }

  @Test
  void aReadThatRunsOutOfTimeLosesNothing() throws Exception {
    Engine engine = rig.start(transport);
    try (ServerSocketChannel server = Wire.listen(Wire.ANY_PORT);
        TcpStream stream = TcpStream.connect(engine, (InetSocketAddress) server.getLocalAddress());
        SocketChannel peer = server.accept()) {
      Task<Void> reader = engine.spawn(() -> CancelledRead.readTen(stream));
      Wire.send(peer, "01234".getBytes(UTF_8));
      printed.await("not all ten are there yet");
      Wire.send(peer, "56789".getBytes(UTF_8));
      Rig.get(reader);
      printed.await("read 0123456789");
    }
  }

  @Test
  void theFirstTaskWinsTimeEndsAndAnIntervalTicks() throws Exception {
    SelectTimeoutInterval.run(rig.start(transport));
    assertEquals(
        List.of(
            "quick was first",
            "slow was cancelled: true",
            "the time is over",
            "tick 0",
            "tick 1",
            "tick 2"),
        printed.lines());
  }

  @Test
  void aDatagramIsSentAndAnswered() throws Exception {
    UdpPing.ping(rig.start(transport), Wire.ANY_PORT);
    assertTrue(printed.text().startsWith("the server got 'hello UDP' from /127.0.0.1:"));
    assertEquals("the client got 'got it!'", printed.lines().getLast());
  }

  @Test
  void aHostIsLookedUpAndConnectedToByItsName() throws Exception {
    Engine engine = rig.start(transport);
    InetSocketAddress server = serve(engine, EchoWithCopy::serve);
    Lookup.lookup(engine, "localhost", server.getPort());
    assertTrue(printed.lines().contains("  127.0.0.1"), printed.text());
    Lookup.connect(engine, "localhost", server.getPort());
    printed.await("connected to localhost/127.0.0.1:" + server.getPort());
    printed.await("wrote 0 bytes");
  }

  @Test
  void blockingWorkIsDoneBesideTheLoops(@TempDir Path directory) throws Exception {
    Engine engine = rig.start(transport);
    Path file = Files.writeString(directory.resolve("some.txt"), "a netty\nb\nnetty c\n");
    Task<List<String>> task = engine.spawn(() -> BlockingWork.linesWith("netty", engine, file));
    assertEquals(List.of("a netty", "netty c"), Rig.get(task));
  }

  @Test
  void aFileIsWrittenAndReadLikeAnyStream(@TempDir Path directory) throws Exception {
    FileBasics.run(rig.start(transport), directory.resolve("foo.txt"));
    assertEquals(List.of("the first 10 bytes: hello, som", "the rest: e bytes"), printed.lines());
  }

  @Test
  void filesAreWrittenReadByLinesAndRemoved(@TempDir Path directory) throws Exception {
    FileTour.run(rig.start(transport), directory);
    assertEquals(
        List.of("contents: Hello, file I/O!", "read: Line 1", "read: Line 2"), printed.lines());
    assertEquals(0, directory.toFile().list().length);
  }

  @Test
  void aSignalLetsTheConversationsUnderWayEnd() throws Exception {
    rig.start(transport); // or the test is skipped
    Child child =
        Child.run(
            List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"),
            running -> {
              String line = running.awaitPrinted("\n").strip();
              int port = Integer.parseInt(line.substring("listening on port ".length()));
              try (SocketChannel client = Wire.connect(new InetSocketAddress("127.0.0.1", port))) {
                byte[] hello = "hello".getBytes(UTF_8);
                Wire.send(client, hello);
                assertArrayEquals(hello, Wire.read(client, 5));
                running.signal("TERM");
                running.awaitPrinted("draining");
                client.shutdownOutput();
                assertTrue(Wire.ends(client));
              }
            },
            GracefulStop.class.getName(),
            transport.name());
    assertEquals(128 + 15, child.exit(), child::all);
    assertEquals("", child.err(), child::all);
  }

  @Test
  void oneEngineServesInThreeWays() throws Exception {
    Engine engine = rig.start(transport);
    InetSocketAddress handlers =
        (InetSocketAddress) ThreeWays.handlers(engine, Wire.ANY_PORT).localAddress();
    TcpListener asynchronous = rig.closeLater(TcpListener.bind(engine, Wire.ANY_PORT));
    ThreeWays.accept(asynchronous);
    InetSocketAddress blocking = serve(engine, ThreeWays::blocking);
    for (InetSocketAddress server : List.of(handlers, asynchronous.localAddress(), blocking)) {
      assertEquals("one", ask(server, "one"));
      assertEquals("two", ask(server, "two"));
    }
  }
}
