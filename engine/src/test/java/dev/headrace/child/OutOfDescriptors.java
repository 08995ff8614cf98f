package dev.headrace.child;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Wire;
import dev.headrace.linux.CpuTime;
import dev.headrace.linux.Linux;
import dev.headrace.service.Echo;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Takes the last descriptors away from listeners, looks at what they do, and gives them back. */
final class OutOfDescriptors {
  private OutOfDescriptors() {}

  public static void main(String[] args) throws Exception {
    for (Transport transport : List.of(Transport.IO_URING, Transport.EPOLL, Transport.NIO)) {
      TransportReport.Entry entry = TransportReport.ofThisHost().entry(transport);
      if (entry.available()) {
        starve(transport);
      } else {
        System.out.println(transport + " skipped: " + entry.reason());
      }
    }
  }

  private static void starve(Transport transport) throws Exception {
    EngineOptions options = EngineOptions.builder().transport(transport).loops(1).build();
    try (Logs logs = Logs.capture();
        Engine engine = Engine.start(options)) {
      SocketAddress echo = Echo.serve(engine, Wire.ANY_PORT).localAddress();
      try (SocketChannel first = Wire.connect(echo)) {
        echoes(first);
      }
      loadClasses(engine, echo);
      int loop = engine.loops().submit(Linux::gettid).get();
      // 1. Clients have their descriptors before there are none left.
      List<SocketChannel> clients = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        clients.add(SocketChannel.open());
      }
      List<FileInputStream> hoard = hoard();
      for (SocketChannel client : clients) {
        client.connect(echo);
      }
      // 2. Accepting fails, again and again, without a spin.
      Await.until("accepting fails", () -> engine.stats().acceptFailures() >= 1);
      long cpu = CpuTime.ofThreadNanos(loop);
      long wall = System.nanoTime();
      long since = wall;
      Await.until("it has tried for a second", () -> System.nanoTime() - since > 1_000_000_000L);
      cpu = CpuTime.ofThreadNanos(loop) - cpu;
      wall = System.nanoTime() - wall;
      require(cpu < wall / 3, "the loop spins: " + cpu + " ns of CPU in " + wall);
      System.out.println(
          transport + ": " + engine.stats().acceptFailures() + " failures, CPU " + cpu);
      // 3. Descriptors come back, and everybody is served.
      for (FileInputStream held : hoard) {
        held.close();
      }
      for (SocketChannel client : clients) {
        echoes(client);
        client.close();
      }
      require(logs.warnings().size() == 1, "told: " + logs.warnings());
      String told = logs.warnings().getFirst();
      require(told.contains("EMFILE") && told.contains("ulimit -n"), told);
      System.out.println(transport + " recovered");
    }
  }

  /** Classes that come from a directory need a descriptor each: what is met later is met now. */
  private static void loadClasses(Engine engine, SocketAddress address) throws Exception {
    Await.until("classes are loaded", () -> true);
    CpuTime.ofThreadNanos(Linux.gettid());
    for (String needed : List.of("ReadGate", "ReadGate$Reason")) {
      Class.forName("dev.headrace.internal.loop." + needed);
    }
    Class.forName("dev.headrace.OnceAMinute");
    require(engine.stats().acceptFailures() == 0, "too early");
    IOException answer = new IOException("Too many open files");
    require(IoFailure.of("accept", address, answer).kind().equals("EMFILE"), "the kind is wrong");
  }

  private static List<FileInputStream> hoard() {
    List<FileInputStream> hoard = new ArrayList<>();
    while (true) {
      try {
        hoard.add(new FileInputStream("/dev/null"));
      } catch (IOException e) {
        return hoard;
      }
    }
  }

  private static void echoes(SocketChannel client) throws IOException {
    Wire.send(client, new byte[100]);
    Wire.read(client, 100);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
