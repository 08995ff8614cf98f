package dev.headrace.net;

import dev.headrace.linux.Linux;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's tables of UDP sockets, for sockets whose descriptor the JDK keeps to itself. */
final class ProcNetUdp {
  private ProcNetUdp() {}

  /** The datagrams dropped at the sockets that are bound to an address. */
  static long drops(InetSocketAddress local) throws IOException {
    if (!Linux.isPresent()) {
      throw new UnsupportedOperationException("only Linux counts the datagrams that it drops");
    }
    if (local == null) {
      throw new java.nio.channels.ClosedChannelException();
    }
    InetAddress host = local.getAddress();
    boolean isIpv6 = host.getAddress().length == 16;
    String wanted = hex(host) + ':' + String.format("%04X", local.getPort());
    return Files.readAllLines(Path.of(isIpv6 ? "/proc/net/udp6" : "/proc/net/udp")).stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(columns -> columns[1].equals(wanted))
        .mapToLong(columns -> Long.parseLong(columns[columns.length - 1]))
        .sum();
  }

  /** As the kernel prints it: words of four bytes, each as a number of this host's byte order. */
  private static String hex(InetAddress host) {
    ByteBuffer bytes = ByteBuffer.wrap(host.getAddress()).order(ByteOrder.nativeOrder());
    StringBuilder words = new StringBuilder();
    while (bytes.hasRemaining()) {
      words.append(String.format("%08X", bytes.getInt()));
    }
    return words.toString();
  }
}
