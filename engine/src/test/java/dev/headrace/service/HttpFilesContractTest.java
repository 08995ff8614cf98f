package dev.headrace.service;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.HttpAnswer;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.net.StreamListener;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(30)
class HttpFilesContractTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final Place place;
  private Engine engine;
  private Path root;
  private SocketAddress server;
  private SocketChannel client;
  private InputStream in;
  private byte[] large;

  HttpFilesContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void serve() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
    large = Wire.randomBytes(new Random(5), 1_234_567);
    Files.write(root.resolve("large.bin"), large);
    Files.writeString(root.resolve("hello.txt"), "hello, file");
    Files.writeString(root.resolve("empty"), "");
    Files.createDirectories(root.resolve("sub/deep"));
    Files.writeString(root.resolve("sub/index.html"), "<p>index</p>");
    Files.writeString(root.resolve("sub/a +ü%.txt"), "odd");
    Files.writeString(directory.resolve("secret"), "nobody's business");
    Files.createSymbolicLink(root.resolve("out"), directory.resolve("secret"));
    Files.createSymbolicLink(root.resolve("outdir"), directory);
    Files.createSymbolicLink(root.resolve("in"), Path.of("hello.txt"));
    engine = rig.start(place.transport());
    StreamListener<?> listener = StreamListener.bind(engine, place.free());
    server = listener.localAddress();
    var service = HttpFiles.streamService(engine, root);
    engine.spawn(() -> listener.serve(service));
    client = rig.closeLater(Wire.connect(server));
    in = HttpAnswer.in(client);
  }

  private HttpAnswer ask(String path, String... headers) throws IOException {
    return request("GET", path, headers);
  }

  private HttpAnswer request(String method, String path, String... headers) throws IOException {
    String more = Arrays.stream(headers).map(header -> header + "\r\n").reduce("", String::concat);
    send(method + ' ' + path + " HTTP/1.1\r\nHost: test\r\n" + more + "\r\n");
    return HttpAnswer.read(in, method.equals("HEAD"));
  }

  private void send(String text) throws IOException {
    Wire.send(client, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void filesAreServedWithTypeAndLength() throws IOException {
    HttpAnswer text = ask("/hello.txt");
    assertEquals(200, text.status());
    assertEquals("hello, file", text.text());
    assertEquals("text/plain", text.header("content-type"));
    assertEquals("bytes", text.header("accept-ranges"));
    assertArrayEquals(large, ask("/large.bin?version=2").body());
    assertEquals("", ask("/empty").text());
    assertEquals("<p>index</p>", ask("/sub/").text());
    assertEquals("odd", ask("/sub/a%20+%C3%BC%25.txt").text());
    assertEquals("hello, file", ask("/in").text());
    HttpAnswer head = request("HEAD", "/large.bin");
    assertEquals(String.valueOf(large.length), head.header("content-length"));
    assertEquals("hello, file", ask("/hello.txt").text()); // the head had no body
  }

  @Test
  void nothingOutsideOfTheDirectoryIsReached() throws IOException {
    for (String path :
        new String[] {
          "/../secret",
          "/sub/../../secret",
          "/%2e%2e/secret",
          "/..%2fsecret",
          "/sub/%2E%2E/%2e%2E/secret",
          "//../secret",
          "/out",
          "/outdir/secret",
          "/%00",
          "/hello.txt%00",
          "/%zz",
          directory.resolve("secret").toString(),
          "/" + directory.resolve("secret"),
        }) {
      HttpAnswer answer = ask(path);
      assertTrue(answer.status() == 404 || answer.status() == 403, path + ": " + answer.status());
      assertTrue(!answer.text().contains("nobody"), path);
    }
    assertEquals(200, ask("/hello.txt").status());
  }

  @Test
  void whatIsNoFileIsNotFound() throws IOException {
    for (String path : new String[] {"/none", "/sub", "/sub/deep/", "/hello.txt/x", "/"}) {
      assertEquals(404, ask(path).status(), path);
    }
    assertEquals(404, ask("/" + "x".repeat(300)).status());
    HttpAnswer refused = request("POST", "/hello.txt", "Content-Length: 0");
    assertEquals(405, refused.status());
    assertEquals("GET, HEAD", refused.header("allow"));
  }

  @Test
  void aRangeIsServed() throws IOException {
    HttpAnswer part = ask("/large.bin", "Range: bytes=100-1099");
    assertEquals(206, part.status());
    assertArrayEquals(Arrays.copyOfRange(large, 100, 1100), part.body());
    assertEquals("bytes 100-1099/" + large.length, part.header("content-range"));
    assertArrayEquals(
        Arrays.copyOfRange(large, 200_000, large.length),
        ask("/large.bin", "Range: bytes=200000-").body());
    assertArrayEquals(
        Arrays.copyOfRange(large, large.length - 5, large.length),
        ask("/large.bin", "Range: bytes=-5").body());
    assertEquals("e", ask("/hello.txt", "Range: bytes=1-1").text());
    assertEquals("hello, file", ask("/hello.txt", "Range: bytes=0-9999").text());
    assertEquals(206, ask("/hello.txt", "Range: bytes=-9999").status());
    HttpAnswer beyond = ask("/hello.txt", "Range: bytes=11-");
    assertEquals(416, beyond.status());
    assertEquals("bytes */11", beyond.header("content-range"));
    for (String whole : new String[] {"bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=x-"}) {
      assertEquals(200, ask("/hello.txt", "Range: " + whole).status(), whole);
    }
  }

  @Test
  void whatTheClientHasIsNotSentAgain() throws IOException {
    HttpAnswer first = ask("/hello.txt");
    String etag = first.header("etag");
    String modified = first.header("last-modified");
    HttpAnswer known = askKnown("If-None-Match: " + etag);
    assertEquals(304, known.status());
    assertNull(known.header("content-length"));
    assertEquals(304, askKnown("If-Modified-Since: " + modified).status());
    assertEquals(200, ask("/hello.txt", "If-None-Match: \"other\"").status());
    assertEquals(206, ask("/hello.txt", "Range: bytes=0-1", "If-Range: " + etag).status());
    assertEquals(200, ask("/hello.txt", "Range: bytes=0-1", "If-Range: \"other\"").status());
  }

  /** An answer of 304 has no length and no body. */
  private HttpAnswer askKnown(String header) throws IOException {
    send("GET /hello.txt HTTP/1.1\r\nHost: test\r\n" + header + "\r\n\r\n");
    return HttpAnswer.read(in, true);
  }

  @Test
  void requestsInOnePieceAreAnsweredInTheirOrder() throws IOException {
    String ask = "GET /hello.txt HTTP/1.1\r\nHost: t\r\n\r\n";
    send(ask + ask.replace("hello.txt", "none") + ask.replace("hello.txt", "large.bin") + ask);
    assertEquals("hello, file", HttpAnswer.read(in, false).text());
    assertEquals(404, HttpAnswer.read(in, false).status());
    assertArrayEquals(large, HttpAnswer.read(in, false).body());
    assertEquals("hello, file", HttpAnswer.read(in, false).text());
  }

  @Test
  void aRequestThatComesByteByByteIsAnswered() throws IOException {
    for (byte b :
        "GET /hello.txt HTTP/1.1\r\nHost: t\r\n\r\n".getBytes(StandardCharsets.US_ASCII)) {
      Wire.send(client, new byte[] {b});
    }
    assertEquals("hello, file", HttpAnswer.read(in, false).text());
  }

  @Test
  void headersThatComeByteByByteKeepNoBuffers() throws IOException {
    assertEquals(200, ask("/hello.txt").status());
    long before = engine.stats().buffersInUse();
    send("GET /hello.txt HTTP/1.1\r\nHost: t\r\nLong: ");
    for (int i = 0; i < 16_000; i++) {
      send("x");
    }
    Await.until("no buffer holds them", () -> engine.stats().buffersInUse() < before + 10);
    send("x".repeat(1000) + "\r\n\r\n");
    assertEquals(431, HttpAnswer.read(in, false).status());
  }

  @Test
  void longHeadersThatComeByteByByteAreUnderstood() throws IOException {
    String many =
        IntStream.range(0, 100).mapToObj(i -> "Name" + i + ": value\r\n").collect(joining());
    String one = "GET /hello.txt HTTP/1.1\r\nHost: t\r\n" + many + "\r\n";
    for (char c : (one + one).toCharArray()) {
      send(String.valueOf(c));
    }
    assertEquals("hello, file", HttpAnswer.read(in, false).text());
    assertEquals("hello, file", HttpAnswer.read(in, false).text());
  }

  @Test
  void bodiesInPiecesAreSkipped() throws IOException {
    String get = "GET /hello.txt HTTP/1.1\r\nHost: t\r\n";
    String chunked = get + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n3\r\nabc\r\n0\r\n\r\n";
    String counted = get + "Content-Length: 10\r\n\r\n0123456789";
    String all = chunked + counted + chunked + counted;
    for (int from = 0; from < all.length(); from += 7) {
      send(all.substring(from, Math.min(all.length(), from + 7)));
    }
    for (int i = 0; i < 4; i++) {
      assertEquals("hello, file", HttpAnswer.read(in, false).text());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST, Content-Length: 5, 405",
    "PUT, Transfer-Encoding: chunked, 405",
    "GET, Content-Length: 5, 417",
    "HEAD, Content-Length: 5, 417",
    "GET, Transfer-Encoding: chunked, 417"
  })
  void whoWaitsForLeaveToSendABodyIsRefusedAtOnce(String method, String body, int status)
      throws IOException {
    HttpAnswer answer = request(method, "/hello.txt", "Expect: 100-continue", body);
    assertEquals(status, answer.status());
    assertEquals("close", answer.header("connection"));
    client.shutdownOutput();
    assertNull(HttpAnswer.read(in, false));
  }

  @Test
  void whoExpectsLeaveAndHasNoBodyIsAnswered() throws IOException {
    assertEquals(200, ask("/hello.txt", "Expect: 100-continue").status());
    assertEquals(200, ask("/hello.txt", "Expect: 100-continue", "Content-Length: 0").status());
    send("GET /hello.txt HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
    assertEquals(200, HttpAnswer.read(in, false).status()); // HTTP/1.0 expects nothing
  }

  @Test
  void aBodyThatIsDeclaredTooLongIsRefusedBeforeItComes() throws IOException {
    HttpAnswer answer = ask("/hello.txt", "Content-Length: " + ((1 << 20) + 1));
    assertEquals(413, answer.status());
    assertEquals("close", answer.header("connection"));
  }

  @Test
  void aRangeOfAHeadIsNotLookedAt() throws IOException {
    for (String range : new String[] {"bytes=1-1", "bytes=11-"}) {
      HttpAnswer answer = request("HEAD", "/hello.txt", "Range: " + range);
      assertEquals(200, answer.status());
      assertEquals("11", answer.header("content-length"));
      assertNull(answer.header("content-range"));
    }
  }

  @Test
  void whoSendsOnAndOnAfterTheLastAnswerIsCutOff() throws IOException {
    send("NONSENSE\r\n\r\n");
    assertEquals(400, HttpAnswer.read(in, false).status());
    byte[] flood = new byte[64 << 10];
    int sent = 0;
    try {
      for (; sent < 1000; sent++) {
        Wire.send(client, flood);
      }
    } catch (IOException e) {
      // As it should be.
    }
    assertTrue(sent < 1000, "it took all");
  }

  @Test
  void whoStaysAfterTheLastAnswerIsLeft() throws IOException {
    send("NONSENSE\r\n\r\n");
    assertEquals(400, HttpAnswer.read(in, false).status());
    Await.until("the connection is closed", () -> engine.stats().closed() == 1);
    assertTrue(client.isOpen());
  }

  @Test
  void nonsenseIsAnsweredAndEndsTheConnection() throws IOException {
    send("NONSENSE\r\n\r\n" + "x".repeat(100_000));
    HttpAnswer answer = HttpAnswer.read(in, false);
    assertEquals(400, answer.status());
    assertEquals("close", answer.header("connection"));
    client.shutdownOutput();
    assertNull(HttpAnswer.read(in, false));
  }

  @Test
  void aConnectionIsClosedWhenItsClientAsksForIt() throws IOException {
    HttpAnswer answer = ask("/large.bin", "Connection: close");
    assertArrayEquals(large, answer.body());
    client.shutdownOutput();
    assertNull(HttpAnswer.read(in, false));
  }

  @Test
  void aFileThatIsCutWhileItIsSentEndsTheConnection() throws Exception {
    Path huge = root.resolve("huge");
    try (var file =
        Files.newByteChannel(
            huge,
            java.nio.file.StandardOpenOption.CREATE_NEW,
            java.nio.file.StandardOpenOption.WRITE)) {
      file.position((1L << 30) - 1).write(java.nio.ByteBuffer.wrap(new byte[1]));
    }
    send("GET /huge HTTP/1.1\r\nHost: t\r\n\r\n");
    Wire.read(client, 1000);
    try (var file = Files.newByteChannel(huge, java.nio.file.StandardOpenOption.WRITE)) {
      file.truncate(10);
    }
    try {
      assertTrue(Wire.readToEnd(client).length < 1 << 30);
    } catch (IOException e) {
      // A reset says the same.
    }
  }

  @Test
  void aSocketIsNoFileAndANamedPipeKeepsNobodyWaiting() throws Exception {
    Process made = new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start();
    assertEquals(0, made.waitFor());
    assertEquals(404, ask("/pipe").status());
  }

  @Test
  void aDrainEndsIdleConnections() throws Exception {
    assertEquals(200, ask("/hello.txt").status());
    var closing =
        rig.beside(
            () -> {
              engine.close();
              return null;
            });
    Await.until(() -> "the connection ends", () -> Wire.ends(client));
    client.close();
    Rig.get(closing);
  }

  @Test
  void aDirectoryThatIsNotThereIsRefused() {
    assertThrows(
        NoSuchFileException.class,
        () -> HttpFiles.streamService(engine, directory.resolve("nowhere")));
  }
}
