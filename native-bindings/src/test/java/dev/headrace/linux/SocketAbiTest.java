package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketAbiTest {
  @Test
  void isWhatTheCompilerMakesOfTheHeaders(@TempDir Path directory) throws Exception {
    Map<String, Long> ours = ours();
    StringBuilder prints = new StringBuilder();
    ours.keySet()
        .forEach(
            expression ->
                prints.append("  printf(\"%ld\\n\", (long) (").append(expression).append("));\n"));
    String source =
        """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <linux/sock_diag.h>
        #include <linux/sockios.h>
        #include <net/if.h>
        #include <netinet/in.h>
        #include <netinet/tcp.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <sys/ioctl.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/un.h>
        #ifndef SO_MEMINFO
        #define SO_MEMINFO 55
        #endif
        int main(void) {
        %s  return 0;
        }
        """
            .formatted(prints);
    var lines = CProgram.linesOf(source, directory).iterator();
    Map<String, Long> theirs = new LinkedHashMap<>();
    ours.keySet().forEach(expression -> theirs.put(expression, Long.valueOf(lines.next())));
    assertEquals(theirs, ours);
  }

  private static Map<String, Long> ours() {
    Map<String, Long> ours = new LinkedHashMap<>();
    for (SocketOption option : SocketOption.values()) {
      ours.put(option.name(), (long) option.number());
    }
    levels(ours);
    ours.put("AF_UNSPEC", (long) SocketAbi.AF_UNSPEC);
    ours.put("AF_UNIX", (long) SocketAbi.AF_UNIX);
    ours.put("AF_INET", (long) SocketAbi.AF_INET);
    ours.put("AF_INET6", (long) SocketAbi.AF_INET6);
    ours.put("SOCK_STREAM", (long) SocketAbi.SOCK_STREAM);
    ours.put("SOCK_DGRAM", (long) SocketAbi.SOCK_DGRAM);
    ours.put("SOCK_NONBLOCK", (long) SocketAbi.SOCK_NONBLOCK);
    ours.put("SOCK_CLOEXEC", (long) SocketAbi.SOCK_CLOEXEC);
    ours.put("O_RDONLY", (long) SocketAbi.O_RDONLY);
    ours.put("O_WRONLY", (long) SocketAbi.O_WRONLY);
    ours.put("O_RDWR", (long) SocketAbi.O_RDWR);
    ours.put("O_NONBLOCK", (long) SocketAbi.O_NONBLOCK);
    ours.put("O_CLOEXEC", (long) SocketAbi.O_CLOEXEC);
    ours.put("MSG_PEEK", (long) SocketAbi.MSG_PEEK);
    ours.put("MSG_TRUNC", (long) SocketAbi.MSG_TRUNC);
    ours.put("MSG_DONTWAIT", (long) SocketAbi.MSG_DONTWAIT);
    ours.put("MSG_NOSIGNAL", (long) SocketAbi.MSG_NOSIGNAL);
    ours.put("SIOCOUTQ", SocketAbi.SIOCOUTQ);
    ours.put("SK_MEMINFO_VARS", (long) SocketAbi.SK_MEMINFO_VARS);
    ours.put("SK_MEMINFO_DROPS", (long) SocketAbi.SK_MEMINFO_DROPS);
    ours.put("sizeof(struct sockaddr_in)", SocketAbi.SOCKADDR_IN.byteSize());
    ours.put("offsetof(struct sockaddr_in, sin_port)", SocketAbi.SIN_PORT);
    ours.put("offsetof(struct sockaddr_in, sin_addr)", SocketAbi.SIN_ADDR);
    ours.put("sizeof(struct sockaddr_in6)", SocketAbi.SOCKADDR_IN6.byteSize());
    ours.put("offsetof(struct sockaddr_in6, sin6_port)", SocketAbi.SIN6_PORT);
    ours.put("offsetof(struct sockaddr_in6, sin6_addr)", SocketAbi.SIN6_ADDR);
    ours.put("offsetof(struct sockaddr_in6, sin6_scope_id)", SocketAbi.SIN6_SCOPE_ID);
    ours.put("sizeof(struct sockaddr_un)", SocketAbi.SOCKADDR_UN.byteSize());
    ours.put("offsetof(struct sockaddr_un, sun_path)", SocketAbi.SUN_PATH);
    ours.put("sizeof(((struct sockaddr_un *)0)->sun_path) - 1", (long) Sockets.LONGEST_PATH_BYTES);
    ours.put("sizeof(struct linger)", SocketAbi.LINGER.byteSize());
    ours.put("offsetof(struct linger, l_onoff)", SocketAbi.LINGER_ONOFF);
    ours.put("offsetof(struct linger, l_linger)", SocketAbi.LINGER_SECONDS);
    ours.put("sizeof(struct ucred)", SocketAbi.UCRED.byteSize());
    ours.put("offsetof(struct ucred, pid)", SocketAbi.UCRED_PID);
    ours.put("offsetof(struct ucred, uid)", SocketAbi.UCRED_UID);
    ours.put("offsetof(struct ucred, gid)", SocketAbi.UCRED_GID);
    // What the downcalls' descriptors take for granted.
    ours.put("sizeof(socklen_t)", (long) Integer.BYTES);
    ours.put("sizeof(mode_t)", (long) Integer.BYTES);
    ours.put("sizeof(ssize_t)", (long) Long.BYTES);
    ours.put("IFNAMSIZ", 16L);
    return ours;
  }

  /** One option of each level stands for it: the enumeration gives the level by number. */
  private static void levels(Map<String, Long> ours) {
    ours.put("SOL_SOCKET", (long) SocketOption.SO_KEEPALIVE.level());
    ours.put("IPPROTO_TCP", (long) SocketOption.TCP_NODELAY.level());
    ours.put("IPPROTO_IP", (long) SocketOption.IP_TOS.level());
    ours.put("IPPROTO_IPV6", (long) SocketOption.IPV6_TCLASS.level());
  }
}
