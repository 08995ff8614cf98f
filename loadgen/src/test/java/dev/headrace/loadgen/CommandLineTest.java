package dev.headrace.loadgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  private static final String SPACES = " +";

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          serve                                                          | 2 | a command is missing
          load                                                           | 2 | echo, connect
          fly                                                            | 2 | 'headrace fly'
          load udp --target unix:/tmp/u                                  | 2 | UDP needs HOST:PORT
          load udp --target 127.0.0.1:1 --size 15                        | 2 | 16 to 65507
          load udp --target 127.0.0.1:1 --size 65508                     | 2 | 16 to 65507
          load udp --target 127.0.0.1:1 --timeout 0s                     | 2 | --timeout is 0
          load udp --target 127.0.0.1:1 --depth 2000                     | 2 | 1 to 1024
          serve udp --bind unix:/tmp/u                                   | 2 | UDP needs HOST:PORT
          serve http --bind 127.0.0.1:0 --root /nowhere                  | 2 | --root is /nowhere: there is no such directory
          load http --target 127.0.0.1:1 --path no                       | 2 | begin with /
          load http --target 127.0.0.1:1 --size 64                       | 2 | --size
          load http --target 127.0.0.1:1 --depth 0                       | 2 | --depth is 0
          load quic --target 127.0.0.1:1                                 | 2 | 'headrace load quic'
          file                                                           | 2 | read, write
          file read                                                      | 2 | --path
          file scan --path x                                             | 2 | 'headrace file scan'
          file read --path x --block 0                                   | 2 | --block is 0: it must be 1 to 64m
          file read --path x --block 65m                                 | 2 | --block is 68157440
          file read --path x --block 700 --direct                        | 2 | a multiple of 512
          file read --path x --depth 0                                   | 2 | --depth is 0
          file read --path x --depth 2049 --loops 2                      | 2 | 1 to 2048
          file read --path x --block 64m --depth 1024 --loops 1          | 2 | of buffers
          file read --path x --size 4095                                 | 2 | --size is 4095
          file read --path x --overwrite                                 | 2 | --overwrite
          file read --path x --backend disk                              | 2 | neither ring nor threads
          file read --path target                                        | 2 | it is a directory
          file read --path /dev/null                                     | 2 | no regular file
          file write --path pom.xml                                      | 2 | --overwrite
          file randwrite --path target                                   | 2 | it is a directory
          file write --path no/such/file                                 | 2 | there is no directory
          file read --path no-such-file                                  | 1 | headrace file write --path no-such-file --size
          file read --path pom.xml --block 1m                            | 2 | must hold a --block
          file read --path pom.xml --block 512 --backend ring --transport nio --out target/none | 3 | nio has no file operations
          serve echo                                                     | 2 | --bind
          load echo                                                      | 2 | --target
          serve proxy --bind 127.0.0.1:0                                 | 2 | --upstream
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --upstream 127.0.0.1 | 2 | 127.0.0.1:7000
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --upstream 127.0.0.1:0 | 2 | has port 0
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --upstream no.such.host.invalid:1 | 1 | no.such.host.invalid
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --connect-timeout 5 | 2 | 500ms
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --connect-timeout 0s | 2 | --connect-timeout is 0
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --connect-timeout 48h | 2 | longer than a day
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --idle x | 2 | --idle
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --lifetime -1s | 2 | --lifetime
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --proxy-protocol v3 | 2 | neither none nor v1 nor v2
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --rest 1 | 2 | --rest
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --api stream --upstream 127.0.0.1:2 | 2 | --api stream has no more than one --upstream
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --api stream --proxy-protocol v1 | 2 | --api stream has no --proxy-protocol
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --api stream --connect-timeout 1s | 2 | no --connect-timeout
          serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1 --api stream --rest 1s | 2 | no --rest
          serve echo --bind 127.0.0.1:0 --upstream 127.0.0.1:1           | 2 | --upstream
          serve echo --bind 127.0.0.1:0 --api fast                       | 2 | --api
          serve echo --bind 127.0.0.1:0 --metrics 9464                   | 2 | '9464' is no HOST:PORT
          serve echo --bind 127.0.0.1:0 --metrics unix:/tmp/m            | 2 | 'unix:/tmp/m' is no HOST:PORT
          serve echo --bind 127.0.0.1:0 --metrics 127.0.0.1:70000        | 2 | 0 to 65535
          serve echo --bind 127.0.0.1:0 --metrics no.such.host.invalid:1 | 1 | --metrics: resolve no.such.host.invalid
          serve echo --bind 127.0.0.1:0 --metrics 192.0.2.1:9464         | 1 | name an address of this host
          serve echo --bind 127.0.0.1:64999 --metrics 127.0.0.1:64999    | 2 | --bind and --metrics are both port 64999
          serve http --bind 127.0.0.1:64999 --metrics 0.0.0.0:64999      | 2 | --bind and --metrics are both port 64999
          serve echo --bind 127.0.0.1:0 --metrics-linger 1s              | 2 | --metrics-linger
          load echo --target 127.0.0.1:1 --metrics-linger 1s             | 2 | needs --metrics (see `headrace load echo --help`)
          load echo --target 127.0.0.1:1 --metrics 127.0.0.1:0 --metrics-linger 1 | 2 | 500ms
          export                                                         | 2 | --openmetrics
          export --openmetrics no-such-directory                         | 1 | there is no such directory
          export --openmetrics src                                       | 1 | src holds no run
          export --openmetrics pom.xml                                   | 1 | pom.xml is a file
          export --openmetrics=                                          | 2 | --openmetrics is empty
          search --slo p99<2ms                                           | 2 | 'headrace search'
          compare a b                                                    | 2 | 'headrace compare'
          report a                                                       | 2 | 'headrace report'
          serve echo --bind 127.0.0.1                                    | 2 | 127.0.0.1:7000
          serve echo --bind 127.0.0.1:70000                              | 2 | 0 to 65535
          serve echo --bind unix:                                        | 2 | names no path
          serve echo --bind 127.0.0.1:0 --transport rdma                 | 2 | use one of auto
          serve echo --bind 127.0.0.1:0 --loops 0                        | 2 | 1 to 1024
          serve echo --bind 127.0.0.1:0 --loops x                        | 2 | --loops
          serve echo --bind 127.0.0.1:0 --pin 3-1                        | 2 | runs backwards
          serve echo --bind 127.0.0.1:0 --pin 0-8000                     | 2 | may run on
          serve echo --bind 127.0.0.1:0 more                             | 2 | 'more'
          load echo --target 127.0.0.1:0                                 | 2 | port 0
          load echo --target 127.0.0.1:1 --size 4q                       | 2 | '4q'
          load echo --target 127.0.0.1:1 --size 0                        | 2 | --size is 0
          load echo --target 127.0.0.1:1 --size 1g                       | 2 | 1 to 64m
          load echo --target 127.0.0.1:1 --depth 0                       | 2 | --depth is 0
          load echo --target 127.0.0.1:1 --connections 0                 | 2 | --connections is 0
          load echo --target 127.0.0.1:1 --connections -3                | 2 | --connections is -3
          load echo --target 127.0.0.1:1 --connections 999999999         | 2 | ulimit -n
          load echo --target 127.0.0.1:1 --rate 0                        | 2 | --rate
          load echo --target 127.0.0.1:1 --rate NaN                      | 2 | --rate
          load echo --target 127.0.0.1:1 --arrivals poisson              | 2 | needs --rate
          load echo --target 127.0.0.1:1 --rate 5 --arrivals bursty      | 2 | uniform
          load echo --target 127.0.0.1:1 --duration 5                    | 2 | 500ms
          load echo --target 127.0.0.1:1 --duration 0s                   | 2 | --duration
          load echo --target 127.0.0.1:1 --hold 5                        | 2 | --hold
          load connect --target 127.0.0.1:1 --hold 0                     | 2 | --hold is 0
          load connect --target 127.0.0.1:1 --hold 999999999             | 2 | ulimit -n
          load connect --target 127.0.0.1:1 --size 64                    | 2 | --size
          load echo --target no.such.host.invalid:1                      | 1 | no.such.host.invalid
          serve echo --bind 192.0.2.1:7000                               | 1 | no address of this host
          serve echo --bind unix:/no/such/directory/s                    | 1 | /no/such/directory/s
          load echo --target unix:/no/such/socket --out target/none      | 1 | /no/such/socket
          load echo --target 127.0.0.1:1 --out pom.xml                   | 1 | --out
          """)
  void what_is_wrong_ends_with_its_status_and_one_line_that_names_it(
      String args, int status, String named) {
    Command command = Command.run(args.split(SPACES));
    assertEquals(status, command.status(), command.err());
    String complaint = complaint(command);
    assertTrue(complaint.contains(named), complaint);
    assertEquals("", command.out());
  }

  /** The last line; only progress may stand before it. */
  private static String complaint(Command command) {
    String[] lines = command.err().split("\n");
    for (int i = 0; i < lines.length - 1; i++) {
      assertTrue(lines[i].endsWith(": connecting"), command.err());
    }
    String last = lines[lines.length - 1];
    assertTrue(last.startsWith("headrace: "), command.err());
    return last;
  }

  @Test
  void a_taken_port_is_named_with_the_remedy() throws Exception {
    try (HostileServer taken = new HostileServer(client -> {})) {
      Command command =
          Command.run("serve", "echo", "--bind", "127.0.0.1:" + taken.address().getPort());
      assertEquals(1, command.status());
      assertTrue(complaint(command).contains("port 0 for a free one"), command.err());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo", "connect", "http"})
  void a_target_that_refuses_fails_the_run(String workload) throws Exception {
    HostileServer gone = new HostileServer(client -> {});
    gone.close();
    Command command =
        Command.run(
            ("load " + workload + " --out target/refused --target 127.0.0.1:")
                .concat(gone.address().getPort() + "")
                .split(SPACES));
    assertEquals(1, command.status());
    assertTrue(complaint(command).contains("ECONNREFUSED"), command.err());
    assertFalse(Files.exists(Path.of("target/refused")), "nothing was kept");
  }

  /** UDP learns of it only when it sends: the run runs, and ends with what it has. */
  @Test
  void a_target_that_refuses_datagrams_fails_the_run() {
    Command command =
        Command.run(
            "load udp --target 127.0.0.1:1 --warmup 0s --duration 200ms --out target/udp"
                .split(SPACES));
    assertEquals(1, command.status());
    assertTrue(command.err().contains("every request was an error: {ECONNREFUSED="), command.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " --upstream unix:/no/such/socket --proxy-protocol v2 --idle 1m"})
  void a_proxy_sums_up_what_it_has_done_when_it_ends(String more) {
    Interruption stop = new Interruption();
    stop.request();
    String args = "serve proxy --bind 127.0.0.1:0 --upstream 127.0.0.1:1" + more;
    Command command = Command.run(stop, args.split(SPACES));
    assertEquals(0, command.status(), command.err());
    assertTrue(command.out().startsWith("listening on 127.0.0.1:"), command.out());
    assertTrue(command.err().contains("proxy: connections=0 to_upstream_bytes=0"), command.err());
    assertTrue(command.err().contains(" 127.0.0.1:1=0"), command.err());
  }

  @Test
  void what_is_not_built_yet_is_absent_from_the_help() {
    for (String command :
        new String[] {"", "serve", "load", "file", "serve echo", "load echo", "file read"}) {
      Command help = Command.run((command + " --help").strip().split(SPACES));
      assertEquals(0, help.status());
      for (String absent : new String[] {"search", "compare"}) {
        assertFalse(help.out().contains(absent), absent + " in " + help.out());
      }
    }
  }

  @Test
  void the_probe_names_every_transport() {
    Command probe = Command.run("probe");
    assertEquals(0, probe.status());
    for (String named :
        new String[] {"kernel", "io_uring", "epoll", "nio", "\nfiles  ", "open files"}) {
      assertTrue(probe.out().contains(named), probe.out());
    }
  }

  @Test
  void the_probe_as_json_is_one_document() throws Exception {
    JsonNode probe = OneDocument.of(Command.run("probe", "--json").out());
    assertEquals("headrace/probe/1", probe.get("schema").asText());
    assertEquals(3, probe.get("transports").size());
    assertTrue(List.of("ring", "threads").contains(probe.get("files_backend").asText()));
    assertFalse(probe.get("files_reason").asText().isEmpty());
  }

  /** Reads standard output that must be one JSON document and nothing else. */
  static final class OneDocument {
    private static final ObjectMapper STRICT =
        new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private OneDocument() {}

    static JsonNode of(String out) throws Exception {
      return STRICT.readTree(out);
    }
  }
}
