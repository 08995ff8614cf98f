package dev.headrace.child;

import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Sequence;
import dev.headrace.fixture.Wire;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * A client and its upstream, which send each other as many bytes as the last argument says: first
 * small messages in turns, then both at once. The upstream's address comes first, then the proxy's.
 */
final class BothEnds {
  private static final Sequence THERE = new Sequence(1);
  private static final Sequence BACK = new Sequence(2);
  private static final int TURNS = 20;
  private static final int MESSAGE_BYTES = 100;

  private BothEnds() {}

  public static void main(String[] args) throws Exception {
    long count = Long.parseLong(args[4]);
    try (ServerSocketChannel listener = Wire.listen(address(args[0], args[1]));
        SocketChannel client = Wire.connect(address(args[2], args[3]));
        SocketChannel upstream = listener.accept()) {
      long begun = 0;
      for (int i = 0; i < TURNS; i++, begun += MESSAGE_BYTES) {
        THERE.send(client, begun, MESSAGE_BYTES);
        THERE.read(upstream, begun, MESSAGE_BYTES);
        BACK.send(upstream, begun, MESSAGE_BYTES);
        BACK.read(client, begun, MESSAGE_BYTES);
      }
      long from = begun;
      CompletableFuture<Long> there = beside(() -> THERE.readToEnd(upstream, from));
      CompletableFuture<Long> back = beside(() -> BACK.readToEnd(client, from));
      CompletableFuture<Long> said = beside(() -> say(THERE, client, from, count));
      say(BACK, upstream, from, 2 * count);
      Rig.get(said);
      System.out.println("there " + (Rig.get(there) - from) + ", back " + (Rig.get(back) - from));
    }
  }

  private static long say(Sequence words, SocketChannel channel, long from, long count)
      throws java.io.IOException {
    words.send(channel, from, count);
    channel.shutdownOutput();
    return count;
  }

  private static CompletableFuture<Long> beside(Callable<Long> task) {
    CompletableFuture<Long> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                done.complete(task.call());
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    return done;
  }

  private static InetSocketAddress address(String host, String port) {
    return new InetSocketAddress(host, Integer.parseInt(port));
  }
}
