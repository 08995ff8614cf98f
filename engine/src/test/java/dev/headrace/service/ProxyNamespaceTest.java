package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.fixture.Child;
import dev.headrace.fixture.Namespaces;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A proxy at the far end of a network that is slow, or loses packets. The tests make the network:
 * that needs root, {@code ip}, {@code tc} and {@code iptables}, and a kernel that lets them.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(120)
class ProxyNamespaceTest {
  private static final String PROXY_PORT = "7000";
  private static final String UPSTREAM_PORT = "7001";
  private static final long BYTES = 2 << 20;

  private final Transport transport;

  ProxyNamespaceTest(Transport transport) {
    this.transport = transport;
    TransportReport.Entry entry = TransportReport.ofThisHost().entry(transport);
    assumeTrue(entry.available(), () -> transport + ": " + entry.reason());
  }

  @Test
  void throughASlowNetworkAllArrivesBothWays() throws Exception {
    try (Namespaces namespaces = Namespaces.make()) {
      namespaces.limitRate("50mbit");
      allArrives(namespaces);
    }
  }

  @Test
  void throughANetworkThatLosesPacketsAllArrivesBothWays() throws Exception {
    try (Namespaces namespaces = Namespaces.make()) {
      namespaces.lose(0.02);
      allArrives(namespaces);
    }
  }

  private void allArrives(Namespaces namespaces) throws Exception {
    Child proxy =
        Child.run(
            namespaces.far(),
            List.of(),
            running -> {
              running.awaitPrinted("serving");
              bothEndsAreContent(namespaces);
              running.process().getOutputStream().close();
            },
            "dev.headrace.child.ProxyAlone",
            transport.name(),
            Namespaces.FAR_ADDRESS,
            PROXY_PORT,
            Namespaces.NEAR_ADDRESS,
            UPSTREAM_PORT);
    assertEquals(0, proxy.exit(), proxy::all);
    assertTrue(proxy.out().contains("nothing is open"), proxy::all);
    assertEquals("", proxy.err());
  }

  private static void bothEndsAreContent(Namespaces namespaces) throws Exception {
    Child ends =
        Child.run(
            namespaces.near(),
            List.of(),
            "dev.headrace.child.BothEnds",
            Namespaces.NEAR_ADDRESS,
            UPSTREAM_PORT,
            Namespaces.FAR_ADDRESS,
            PROXY_PORT,
            Long.toString(BYTES));
    assertTrue(ends.out().contains("there " + BYTES + ", back " + 2 * BYTES), ends::all);
  }
}
