package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.HttpAnswer;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(20)
class HttpContractTest {
  private static final String HOST = " HTTP/1.1\r\nHost: test\r\n";

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;
  private SocketAddress server;

  HttpContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() throws IOException {
    engine = rig.start(place.transport());
    server = HttpHello.serve(engine, place.free()).localAddress();
  }

  private SocketChannel connect() throws IOException {
    return rig.closeLater(Wire.connect(server));
  }

  private static void send(SocketChannel client, String text) throws IOException {
    Wire.send(client, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String get(String path) {
    return "GET " + path + HOST + "\r\n";
  }

  @Test
  void oneConnectionAsksForEverythingThereIs() throws Exception {
    SocketChannel client = connect();
    InputStream in = HttpAnswer.in(client);
    send(client, get("/"));
    HttpAnswer hello = HttpAnswer.read(in, false);
    assertEquals(200, hello.status());
    assertEquals("Hello, World!\n", hello.text());
    assertEquals("text/plain", hello.header("content-type"));
    assertNull(hello.header("connection"));
    ZonedDateTime date =
        ZonedDateTime.parse(hello.header("date"), DateTimeFormatter.RFC_1123_DATE_TIME);
    assertTrue(Math.abs(Duration.between(date, ZonedDateTime.now()).toSeconds()) < 30);

    send(client, "HEAD /" + HOST + "\r\n");
    HttpAnswer head = HttpAnswer.read(in, true);
    assertEquals(hello.header("content-length"), head.header("content-length"));

    for (int size : new int[] {0, 1, 65_535, 65_536, 65_537, 1_000_000, 16 << 20}) {
      send(client, get("/bytes/" + size));
      HttpAnswer bytes = HttpAnswer.read(in, false);
      assertEquals(200, bytes.status());
      assertEquals(size, bytes.body().length);
      assertTrue(size < 64 || bytes.body()[63] == '\n' && bytes.body()[size / 64 * 64 - 1] == '\n');
    }
    for (String path : new String[] {"/no", "/bytes/", "/bytes/x", "/bytes/-1", "/bytesque"}) {
      send(client, get(path));
      assertEquals(404, HttpAnswer.read(in, false).status(), path);
    }
    send(client, get("/bytes/16777217") + get("/bytes/99999999999999"));
    assertEquals(400, HttpAnswer.read(in, false).status());
    assertEquals(400, HttpAnswer.read(in, false).status());
    send(client, "POST /" + HOST + "Content-Length: 5\r\n\r\nhello" + get("/?query=1"));
    HttpAnswer refused = HttpAnswer.read(in, false);
    assertEquals(405, refused.status());
    assertEquals("GET, HEAD", refused.header("allow"));
    assertEquals(200, HttpAnswer.read(in, false).status());
    send(client, get("http://proxied.example/bytes/3"));
    assertEquals(3, HttpAnswer.read(in, false).body().length);
    assertEquals(1, engine.stats().open());
  }

  @Test
  void anotherClientOfTheJdkIsServed() throws Exception {
    assumeTrue(place.isTcp());
    URI uri = URI.create("http://127.0.0.1:" + ((InetSocketAddress) server).getPort() + "/");
    HttpURLConnection client = (HttpURLConnection) uri.toURL().openConnection();
    client.setRequestProperty("Connection", "close"); // else it is kept past the test's end
    try (InputStream in = client.getInputStream()) {
      assertEquals("Hello, World!\n", new String(in.readAllBytes(), StandardCharsets.US_ASCII));
    }
  }

  @Test
  void pipelinedRequestsInRandomSlicesAreAnsweredInTheirOrder() throws Exception {
    SocketChannel client = connect();
    Random random = new Random(4);
    StringBuilder all = new StringBuilder();
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      int size = random.nextInt(10) == 0 ? random.nextInt(200_000) : random.nextInt(500);
      sizes.add(random.nextInt(3) == 0 ? -1 : size);
      all.append(get(sizes.getLast() < 0 ? "/" : "/bytes/" + size));
    }
    byte[] bytes = all.toString().getBytes(StandardCharsets.US_ASCII);
    rig.beside(
        () -> {
          for (int sent = 0; sent < bytes.length; ) {
            int slice = Math.min(bytes.length - sent, 1 + random.nextInt(1 << random.nextInt(14)));
            Wire.send(client, bytes, sent, slice);
            sent += slice;
          }
          return null;
        });
    InputStream in = HttpAnswer.in(client);
    for (int size : sizes) {
      HttpAnswer answer = HttpAnswer.read(in, false);
      assertEquals(size < 0 ? 14 : size, answer.body().length);
    }
  }

  @Test
  void aClientThatDoesNotReadIsNotReadFromAndGetsEverythingWhenItReads() throws Exception {
    SocketChannel client = connect();
    byte[] request = get("/bytes/1000000").getBytes(StandardCharsets.US_ASCII);
    AtomicLong sent = new AtomicLong();
    int most = 200_000; // 7 MB of requests for 200 GB of answers
    CompletableFuture<Object> sending =
        rig.beside(
            () -> {
              for (int i = 0; i < most && !Thread.interrupted(); i++) {
                ByteBuffer buffer = ByteBuffer.wrap(request);
                while (buffer.hasRemaining()) {
                  client.write(buffer);
                }
                sent.incrementAndGet();
              }
              return null;
            });
    long stuck = Await.settled(sent::get);
    assertFalse(sending.isDone(), () -> "all were taken: " + sent);
    InputStream in = HttpAnswer.in(client);
    for (int i = 0; i < 40; i++) {
      assertEquals(1_000_000, HttpAnswer.read(in, false).body().length);
    }
    assertTrue(stuck > 0);
  }

  @Test
  void whatCannotBeUnderstoodHasItsStatusAndEndsTheConnection() throws Exception {
    String filler = "x".repeat(20_000);
    String[][] nonsense = {
      {"no http at all\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n\r\n", "400"}, // no host
      {"GET /" + HOST + "no colon\r\n\r\n", "400"},
      {"GET /" + HOST + "Content-Length: many\r\n\r\n", "400"},
      {"GET /" + HOST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
      {"GET /" + HOST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
      {"GET /" + filler + HOST + "\r\n", "414"},
      {"GET /" + HOST + "x: " + filler + "\r\n\r\n", "431"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {"POST /" + HOST + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n", "405"},
      {"POST /" + HOST + "Transfer-Encoding: chunked\r\n\r\n200000\r\n" + filler.repeat(60), "413"},
      {"GET / HTTP/1.0\r\n\r\n", "200"},
      {"GET /" + HOST + "Connection: close\r\n\r\n" + get("/") + get("/"), "200"},
    };
    for (String[] each : nonsense) {
      SocketChannel client = connect();
      InputStream in = HttpAnswer.in(client);
      send(client, each[0]);
      HttpAnswer answer = HttpAnswer.read(in, false);
      String what = each[0].substring(0, Math.min(60, each[0].length()));
      assertNotNull(answer, what);
      assertEquals(each[1], "" + answer.status(), what);
      assertEquals("close", answer.header("connection"), what);
      assertNull(HttpAnswer.read(in, false), what);
      client.close();
    }
    Await.until("all are closed", () -> engine.stats().open() == 0);
  }

  @Test
  void aConnectionOfHttp10IsKeptWhenItAsksForIt() throws Exception {
    SocketChannel client = connect();
    InputStream in = HttpAnswer.in(client);
    for (int i = 0; i < 3; i++) {
      send(client, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertEquals("keep-alive", HttpAnswer.read(in, false).header("connection"));
    }
  }

  @Test
  void aClientThatEndsFirstGetsItsAnswers() throws Exception {
    place.assumeHalfClose();
    SocketChannel client = connect();
    send(client, get("/bytes/3000000") + get("/"));
    client.shutdownOutput();
    InputStream in = HttpAnswer.in(client);
    assertEquals(3_000_000, HttpAnswer.read(in, false).body().length);
    assertEquals(200, HttpAnswer.read(in, false).status());
    assertNull(HttpAnswer.read(in, false));
  }

  @Test
  void mutatedRequestsNeverHangTheServerNorTakeItDown() throws Exception {
    Random random = new Random(99);
    String[] good = {
      get("/"),
      get("/bytes/70000"),
      "POST /" + HOST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "PUT /" + HOST + "Content-Length: 4\r\n\r\nbody"
    };
    for (int round = 0; round < 150; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(6); i >= 0; i--) {
        text.append(good[random.nextInt(good.length)]);
      }
      for (int i = random.nextInt(8); i > 0; i--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, (char) random.nextInt(256));
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, (char) random.nextInt(256));
        }
      }
      SocketChannel client = connect();
      try {
        send(client, text.toString());
        client.shutdownOutput();
        Wire.readToEnd(client);
      } catch (IOException reset) {
        // As good an end as any.
      }
      client.close();
    }
    SocketChannel next = connect();
    send(next, get("/"));
    assertEquals(200, HttpAnswer.read(HttpAnswer.in(next), false).status());
  }

  @Test
  void whoDoesNotCompleteARequestInTimeIsClosedAndTheOthersLiveOn() throws Exception {
    server = HttpHello.serve(engine, place.free(), Duration.ofMillis(800)).localAddress();
    SocketChannel idle = connect();
    SocketChannel slow = connect();
    SocketChannel deaf = connect();
    SocketChannel busy = connect();
    Await.until("all four are there", () -> engine.stats().accepted() == 4);
    send(slow, "GET / HTTP/1.1\r\nHos");
    send(deaf, get("/bytes/16777216").repeat(4));
    CompletableFuture<Integer> answers =
        rig.beside(
            () -> {
              InputStream in = HttpAnswer.in(busy);
              int count = 0;
              while (engine.stats().open() > 1) {
                send(busy, get("/"));
                assertNotNull(HttpAnswer.read(in, false));
                count++;
              }
              return count;
            });
    assertTrue(Wire.ends(idle));
    assertTrue(Wire.ends(slow));
    assertTrue(Rig.get(answers) > 0);
    assertEquals(1, engine.stats().open());
  }

  @Test
  void drainingFinishesWhatIsUnderWayAndClosesTheRest() throws Exception {
    Engine oneLoop = rig.start(place.transport(), options -> options.loops(1)); // told in one go
    server = HttpHello.serve(oneLoop, place.free()).localAddress();
    SocketChannel idle = connect();
    SocketChannel midway = connect();
    InputStream in = HttpAnswer.in(midway);
    send(midway, get("/"));
    assertNull(HttpAnswer.read(in, false).header("connection"));
    send(idle, get("/"));
    assertEquals(200, HttpAnswer.read(HttpAnswer.in(idle), false).status());
    send(midway, get("/bytes/500000").repeat(3) + "GET / HT");
    for (int i = 0; i < 3; i++) { // now the fourth has surely come as far as it goes
      assertEquals(500_000, HttpAnswer.read(in, false).body().length);
    }
    CompletableFuture<Object> closing =
        rig.beside(
            () -> {
              oneLoop.close();
              return null;
            });
    assertTrue(Wire.ends(idle), "an idle one is closed at once");
    assertFalse(closing.isDone());
    send(midway, "TP/1.1\r\nHost: test\r\n\r\n");
    HttpAnswer last = HttpAnswer.read(in, false);
    assertEquals("close", last.header("connection"));
    assertNull(HttpAnswer.read(in, false));
    midway.close();
    Rig.get(closing);
  }
}
