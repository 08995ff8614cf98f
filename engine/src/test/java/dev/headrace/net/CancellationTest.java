package dev.headrace.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.fixture.Pair;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.io.Streams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is interrupted, whenever: no byte and no connection is lost, and none comes twice. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class CancellationTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;

  CancellationTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = rig.start(place.transport(), options -> options.drainTimeout(Duration.ofMillis(100)));
  }

  @Test
  void aReadThatIsInterruptedBeforeOrWhileItWaitsLosesNothing() throws Exception {
    Pair pair = Pair.connect(rig, engine, place);
    SocketStream stream = pair.stream();
    for (Callable<Object> read :
        List.<Callable<Object>>of(
            stream::receive,
            () -> stream.read(ByteBuffer.allocate(8)),
            () -> stream.peek(ByteBuffer.allocate(8)),
            () -> {
              stream.readable();
              return null;
            })) {
      // 1. It waits.
      Parked<Object> parked = Parked.in(engine, read);
      parked.task().cancel();
      assertInstanceOf(CancellationException.class, parked.failure());
      // 2. The interrupt comes before, and there is something to read.
      Wire.send(pair.peer(), "ab".getBytes(US_ASCII));
      stream.readable();
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, read::call);
      assertTrue(!Thread.interrupted(), "the exception is the interrupt");
      // 3. All is there.
      ByteBuffer all = ByteBuffer.allocate(2);
      while (all.hasRemaining()) {
        stream.read(all);
      }
      assertEquals("ab", new String(all.array(), US_ASCII));
    }
  }

  @Test
  void aCopyThatIsCancelledLeavesWhatItHadReadAtTheFrontOfItsSource() throws Exception {
    Pair from = Pair.connect(rig, engine, place);
    Pair to = Pair.connect(rig, engine, place);
    byte[] sent = Wire.randomBytes(new Random(5), 30 << 20);
    CompletableFuture<Void> sender =
        rig.beside(
            () -> {
              Wire.send(from.peer(), sent);
              from.peer().close();
              return null;
            });
    // 1. The copy parks, since nobody reads what it writes.
    Parked<Long> copy = Parked.in(engine, () -> Streams.copy(from.stream(), to.stream()));
    ByteBuffer arrived = ByteBuffer.allocate(sent.length);
    // 2. It is cancelled, and another one goes on, while the peer reads now and then.
    int cancels = 0;
    while (cancels < 20) {
      copy.task().cancel();
      if (!(Parked.failure(copy.task()) instanceof CancellationException)) {
        throw new AssertionError("it ended before it was cancelled");
      }
      cancels++;
      copy = Parked.in(engine, () -> Streams.copy(from.stream(), to.stream()));
      arrived.limit(arrived.position() + 4_000); // the new copy goes on where the old one was
      while (arrived.hasRemaining()) {
        to.peer().read(arrived);
      }
      arrived.limit(sent.length);
    }
    // 3. In the end all has arrived.
    CompletableFuture<Void> reader =
        rig.beside(
            () -> {
              while (arrived.hasRemaining() && to.peer().read(arrived) >= 0) {}
              return null;
            });
    Rig.get(copy.task());
    to.stream().flush();
    Rig.get(reader);
    Rig.get(sender);
    assertArrayEquals(sent, arrived.array());
  }

  /** Both directions at once, a task each, which are interrupted at any moment and go on. */
  @Test
  void bytesThatFlowBothWaysSurviveInterruptsAtAnyMoment() throws Exception {
    Pair pair = Pair.connect(rig, engine, place);
    SocketStream stream = pair.stream();
    Random random = new Random(6);
    byte[] toPeer = Wire.randomBytes(random, 4 << 20);
    byte[] fromPeer = Wire.randomBytes(random, 4 << 20);
    CompletableFuture<byte[]> peerReads = rig.beside(() -> Wire.read(pair.peer(), toPeer.length));
    CompletableFuture<Void> peerWrites =
        rig.beside(
            () -> {
              Random slices = new Random(7);
              for (int sent = 0; sent < fromPeer.length; ) {
                int slice = Math.min(fromPeer.length - sent, 1 + slices.nextInt(3_000));
                Wire.send(pair.peer(), fromPeer, sent, slice);
                sent += slice;
              }
              return null;
            });
    Thread[] threads = new Thread[2];
    ByteBuffer received = ByteBuffer.allocate(fromPeer.length);
    Task<Void> reader =
        engine.spawn(
            () -> {
              threads[0] = Thread.currentThread();
              read(stream, received, new Random(8));
            });
    Task<Void> writer =
        engine.spawnOn(
            engine.loops().next(),
            () -> {
              threads[1] = Thread.currentThread();
              write(stream, ByteBuffer.wrap(toPeer), new Random(9));
            });
    while (!reader.isDone() || !writer.isDone()) {
      for (Thread thread : threads) {
        if (thread != null) {
          thread.interrupt();
        }
      }
      LockSupport.parkNanos(random.nextInt(150_000));
    }
    Rig.get(reader);
    Rig.get(writer);
    while (true) {
      try {
        stream.flush();
        break;
      } catch (InterruptedIOException e) {
        // Again.
      }
    }
    assertArrayEquals(toPeer, Rig.get(peerReads));
    Rig.get(peerWrites);
    assertArrayEquals(fromPeer, received.array());
  }

  private static void read(SocketStream stream, ByteBuffer target, Random random)
      throws IOException {
    while (target.hasRemaining()) {
      try {
        switch (random.nextInt(4)) {
          case 0 -> {
            ByteBuf bytes = stream.receive();
            if (random.nextInt(8) == 0) {
              stream.unread(bytes);
            } else {
              int count = bytes.readableBytes();
              bytes.readBytes(target.slice(target.position(), count));
              bytes.release();
              target.position(target.position() + count);
            }
          }
          case 1 -> stream.read(target);
          case 2 -> {
            CompletableFuture<Integer> reading = stream.readAsync(target);
            try {
              if (random.nextBoolean()) {
                reading.get();
              }
            } catch (InterruptedException e) {
              // Cancelled below, or done: then the target has it.
            }
            if (!reading.cancel(false)) {
              reading.handle((count, failure) -> count).join(); // the target is its own till then
            }
          }
          default -> {
            CompletableFuture<ByteBuf> receiving = stream.receiveAsync();
            if (receiving.cancel(false)) {
              stream.readable();
            } else {
              stream.unread(receiving.join());
            }
          }
        }
      } catch (InterruptedIOException e) {
        // It has lost nothing: the next one goes on there.
      } catch (java.util.concurrent.ExecutionException e) {
        throw new IOException(e);
      }
    }
  }

  private static void write(SocketStream stream, ByteBuffer source, Random random)
      throws IOException {
    while (source.hasRemaining()) {
      try {
        int end = source.limit();
        source.limit(Math.min(end, source.position() + 1 + random.nextInt(20_000)));
        try {
          if (random.nextBoolean()) {
            stream.write(source);
          } else {
            ByteBuf bytes = Unpooled.copiedBuffer(source);
            try {
              stream.send(bytes.retain());
              source.position(source.limit());
            } catch (InterruptedIOException e) {
              bytes.release(); // not taken
              throw e;
            } finally {
              bytes.release();
            }
          }
        } finally {
          source.limit(end);
        }
      } catch (InterruptedIOException e) {
        // The position says how far it came.
      }
    }
  }

  @Test
  void noConnectionIsDroppedByAnAcceptThatIsInterruptedOrTimedOut() throws Exception {
    StreamListener<?> listener = StreamListener.bind(engine, place.free());
    int connections = 150;
    Set<Integer> seen = new HashSet<>();
    Thread[] threads = new Thread[1];
    Task<Void> accepting =
        engine.spawn(
            () -> {
              threads[0] = Thread.currentThread();
              while (seen.size() < connections) {
                try {
                  CompletableFuture<? extends SocketStream> dropped = listener.acceptAsync();
                  SocketStream client = dropped.cancel(false) ? listener.accept() : dropped.join();
                  boolean isRead = false;
                  while (!isRead) {
                    try (client) {
                      isRead = seen.add(number(client));
                    } catch (InterruptedIOException e) {
                      throw new AssertionError(e); // number() goes on
                    }
                  }
                } catch (InterruptedIOException e) {
                  // Again.
                }
              }
            });
    Random random = new Random(10);
    CompletableFuture<Void> interrupting =
        rig.beside(
            () -> {
              while (!accepting.isDone()) {
                if (threads[0] != null) {
                  threads[0].interrupt();
                }
                LockSupport.parkNanos(random.nextInt(100_000));
              }
              return null;
            });
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      SocketChannel client = rig.closeLater(Wire.connect(listener.localAddress()));
      Wire.send(client, new byte[] {(byte) i});
      clients.add(client);
    }
    Rig.get(accepting);
    Rig.get(interrupting);
    assertEquals(connections, seen.size());
  }

  private static int number(SocketStream client) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    while (one.hasRemaining()) {
      try {
        assertTrue(client.read(one) > 0);
      } catch (InterruptedIOException e) {
        // Again.
      }
    }
    return one.get(0);
  }
}
