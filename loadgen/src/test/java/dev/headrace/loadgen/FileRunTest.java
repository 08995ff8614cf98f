package dev.headrace.loadgen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.FileBackend;
import dev.headrace.TransportReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FileRunTest {
  private static final int FILE_BYTES = 1 << 20;

  @TempDir Path directory;

  private Path file(int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    return Files.write(directory.resolve("file"), content);
  }

  private Command run(String access, Path path, String... more) {
    List<String> arguments = new ArrayList<>(List.of("file", access, "--path", path.toString()));
    arguments.addAll(List.of("--warmup", "50ms", "--loops", "2"));
    arguments.addAll(List.of("--json", "--out", directory.resolve("run").toString()));
    arguments.addAll(List.of(more));
    if (!arguments.contains("--duration")) {
      arguments.addAll(List.of("--duration", "200ms"));
    }
    return Command.run(arguments.toArray(String[]::new));
  }

  private static JsonNode good(Command command) throws Exception {
    assertEquals(0, command.status(), command.err());
    JsonNode result = CommandLineTest.OneDocument.of(command.out());
    assertEquals("headrace/result/1", result.get("schema").asText());
    assertTrue(result.get("requests").asLong() > 0, command.out());
    assertTrue(result.get("errors").isEmpty(), command.out());
    assertFalse(result.get("partial").asBoolean());
    return result;
  }

  private static void assumeRing() {
    assumeTrue(
        TransportReport.ofThisHost().files().backend() == FileBackend.RING,
        "this host's rings have no files");
  }

  @ParameterizedTest(name = "{0} on {1}, blocks of {2}, depth {3}")
  @CsvSource({
    "read, ring, 4096, 64", "read, threads, 4096, 3",
    "write, ring, 4096, 5", "write, threads, 65536, 8",
    "randread, ring, 131072, 4", "randread, threads, 512, 1",
    "randwrite, ring, 1000, 7", "randwrite, threads, 4096, 16",
  })
  void every_access_is_done_on_both_backends(String access, String backend, int block, int depth)
      throws Exception {
    if (backend.equals("ring")) {
      assumeRing();
    }
    boolean writes = access.endsWith("write");
    Path path = writes ? directory.resolve("new") : file(FILE_BYTES);
    JsonNode result =
        good(
            run(
                access,
                path,
                ("--backend " + backend + " --block " + block + " --depth " + depth + " --size 1m")
                    .split(" ")));
    long blocks = FILE_BYTES / block;
    assertEquals("file-" + access, result.get("workload").asText());
    JsonNode config = result.get("config");
    assertEquals(path.toString(), config.get("path").asText());
    assertEquals(block, config.get("block_bytes").asInt());
    assertEquals(depth, config.get("depth").asInt());
    assertEquals(blocks * block, config.get("size_bytes").asLong());
    assertEquals(backend, config.get("backend").asText());
    assertFalse(config.get("direct").asBoolean());
    assertFalse(result.has("connections"));
    assertEquals("service", result.get("latency").get("kind").asText());
    assertEquals(
        result.get("requests_per_second").asDouble() * block,
        result.get("bytes_per_second").asDouble(),
        1);
    assertEquals(
        result, new ObjectMapper().readTree(directory.resolve("run/result.json").toFile()));
    long length = Files.size(path);
    assertTrue(length <= FILE_BYTES, "it grew to " + length);
    assertTrue(!access.equals("randwrite") || length >= blocks * block, "it is not allocated");
  }

  @Test
  void a_file_that_exists_is_written_to_only_when_that_is_allowed() throws Exception {
    Path path = file(8192);
    byte[] before = Files.readAllBytes(path);
    for (String access : new String[] {"write", "randwrite"}) {
      Command refused = run(access, path);
      assertEquals(2, refused.status());
      assertTrue(refused.err().contains("--overwrite"), refused.err());
      assertArrayEquals(before, Files.readAllBytes(path));
    }
    JsonNode result = good(run("write", path, "--overwrite"));
    assertEquals(8192, result.get("config").get("size_bytes").asInt());
    byte[] after = Files.readAllBytes(path);
    assertEquals(8192, after.length);
    assertFalse(java.util.Arrays.equals(before, after));
  }

  @Test
  void a_file_that_is_read_is_left_as_it_is_and_its_rest_is_not_touched() throws Exception {
    Path path = file(2 * 4096 - 1);
    byte[] before = Files.readAllBytes(path);
    for (String access : new String[] {"read", "randread"}) {
      JsonNode result = good(run(access, path));
      assertEquals(4096, result.get("config").get("size_bytes").asInt());
    }
    assertArrayEquals(before, Files.readAllBytes(path));
    Command tooShort = run("read", Files.write(directory.resolve("short"), new byte[4095]));
    assertEquals(2, tooShort.status());
    assertTrue(tooShort.err().contains("of 4095 bytes: it must hold a --block, 4096 bytes"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring", "threads"})
  void a_file_that_is_cut_while_it_is_read_shows_as_short_reads(String backend) throws Exception {
    if (backend.equals("ring")) {
      assumeRing();
    }
    Path path = file(FILE_BYTES);
    Path intervals = directory.resolve("run/intervals.ndjson");
    Thread cutter =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!Files.exists(intervals)) {
                    Thread.yield();
                  }
                  try {
                    Files.write(path, new byte[0]);
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    Command command = run("randread", path, "--duration", "1500ms", "--backend", backend);
    cutter.join();
    JsonNode result = CommandLineTest.OneDocument.of(command.out());
    assertTrue(result.get("errors").get("short").asLong() > 0, command.out());
    assertTrue(result.get("requests").asLong() > 0, command.out());
  }

  @Test
  void direct_io_is_refused_in_a_line_where_the_file_system_has_none() {
    Path file = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    assumeTrue(Files.isReadable(file), "this host has no such file");
    Command command = run("read", file, "--direct", "--block", "512");
    assertEquals(1, command.status(), command.err());
    assertTrue(command.err().contains("leave out --direct"), command.err());
    assertEquals(1, command.err().lines().count(), command.err());
  }

  @Test
  void direct_io_reads_and_writes_where_the_file_system_has_it() throws Exception {
    Path path = directory.resolve("direct");
    Command written = run("write", path, "--direct", "--size", "1m", "--depth", "4");
    assumeTrue(written.status() == 0, written.err());
    assertTrue(good(written).get("config").get("direct").asBoolean());
    Files.write(path, new byte[FILE_BYTES]);
    good(run("randread", path, "--direct", "--depth", "4"));
    Command tooSmall = run("read", path, "--direct", "--block", "700");
    assertEquals(2, tooSmall.status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"randread", "write"})
  void an_interrupted_run_writes_what_it_has_marked_partial(String access) throws Exception {
    Path path = access.equals("write") ? directory.resolve("new") : file(FILE_BYTES);
    try (Child run =
        Child.start(
            directory,
            ("file " + access + " --json --warmup 0s --duration 1h --size 1m --out run --path ")
                .concat(path.toString())
                .split(" "))) {
      Path intervals = directory.resolve("run/intervals.ndjson");
      while (!Files.exists(intervals) || Files.size(intervals) == 0) {
        Thread.onSpinWait();
      }
      run.signal("TERM");
      JsonNode printed = CommandLineTest.OneDocument.of(run.rest());
      assertEquals(1, run.status());
      assertTrue(printed.get("partial").asBoolean());
      assertTrue(printed.get("requests").asLong() > 0);
      assertEquals(
          printed, new ObjectMapper().readTree(directory.resolve("run/result.json").toFile()));
      assertTrue(run.errors().contains("headrace: interrupted"), run.errors());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring", "threads"})
  void a_run_whose_every_operation_fails_has_failed_and_counts_them_by_errno(String backend)
      throws Exception {
    if (backend.equals("ring")) {
      assumeRing();
    }
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    Path path = file(4 * FILE_BYTES);
    try (Child run =
        Child.startUnder(
            List.of("prlimit", "--fsize=" + FILE_BYTES), // enough for Netty's libraries
            directory,
            ("file write --overwrite --block 2m --depth 2 --json --warmup 0s --duration 200ms --out run"
                    + " --backend "
                    + backend
                    + " --path "
                    + path)
                .split(" "))) {
      JsonNode result = CommandLineTest.OneDocument.of(run.rest());
      assertEquals(1, run.status(), run.errors());
      assertEquals(0, result.get("requests").asLong());
      assertTrue(result.get("errors").get("EFBIG").asLong() > 0, result::toString);
      assertTrue(run.errors().contains("every request was an error: {EFBIG="), run.errors());
    }
  }

  @Test
  void a_result_is_told_in_words() throws Exception {
    Path path = file(FILE_BYTES);
    Command told =
        Command.run(
            "file",
            "read",
            "--path",
            path.toString(),
            "--warmup",
            "0s",
            "--duration",
            "50ms",
            "--out",
            directory.resolve("run").toString());
    assertEquals(0, told.status(), told.err());
    assertTrue(told.out().contains("4,096 bytes x depth 64 within 1.05 MB, buffered"), told.out());
  }
}
