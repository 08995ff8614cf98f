package dev.headrace.loadgen.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.loadgen.Command;
import dev.headrace.loadgen.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

@Timeout(120)
class PictureTest {
  private static final Path SCRIPT = Path.of("..", "scripts", "picture");

  @TempDir Path directory;

  @BeforeAll
  static void npm() throws Exception {
    Npm.assumeInstalled();
  }

  private Npm.Output picture(Path... arguments) throws Exception {
    List<String> command =
        IntStream.range(-1, arguments.length)
            .mapToObj(i -> i < 0 ? SCRIPT : arguments[i])
            .map(Path::toString)
            .toList();
    return Npm.run(Path.of("."), command.toArray(String[]::new));
  }

  private void bench() {
    Command bench =
        Command.run(
            ("bench --workloads file --transports epoll,nio --duration 1s --rounds 1 --out "
                    + directory)
                .split(" "));
    assertEquals(Main.GOOD, bench.status(), bench.err());
  }

  @Test
  void a_bench_is_drawn_with_a_bar_for_each_cell_and_units_on_the_axes() throws Exception {
    bench();
    assertEquals(new Npm.Output(0, directory + "/numbers.svg"), picture(directory));
    Document svg =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(directory.resolve("numbers.svg").toFile());
    assertEquals("svg", svg.getDocumentElement().getTagName());
    Element card = (Element) svg.getElementsByTagName("rect").item(0);
    assertEquals("white", card.getAttribute("fill"), "else it cannot be read on a dark page");
    Set<String> labels = all(svg, "path", "aria-label");
    assertTrue(labels.containsAll(Set.of("file on epoll", "file on nio")), labels::toString);
    Set<String> texts = all(svg, "text", null);
    assertTrue(
        texts.containsAll(
            Set.of(
                "file", "epoll", "nio", "requests per second", "latency, seconds", "p50", "p99")),
        texts::toString);
    assertTrue(texts.stream().anyMatch(text -> text.startsWith("Headrace: ")), texts::toString);
  }

  private static Set<String> all(Document svg, String tag, String attribute) {
    NodeList elements = svg.getElementsByTagName(tag);
    return IntStream.range(0, elements.getLength())
        .mapToObj(i -> (Element) elements.item(i))
        .map(one -> attribute == null ? one.getTextContent() : one.getAttribute(attribute))
        .collect(Collectors.toSet());
  }

  @Test
  void a_directory_without_a_run_is_told_in_a_line() throws Exception {
    Path none = Files.createDirectory(directory.resolve("none"));
    Npm.Output refused = picture(none);
    assertEquals(1, refused.status());
    assertTrue(refused.text().matches("picture: " + none + " holds no run: .*"), refused.text());
    assertEquals(2, picture().status());
    refused(none.resolve("nowhere"), ": there is no such directory");
    refused(Files.createFile(directory.resolve("file")), " is a file: .*");
    assertEquals(0, picture(Path.of("--help")).status());
    assertTrue(picture(Path.of("--help")).text().startsWith("usage: scripts/picture DIR"));
  }

  private void refused(Path where, String why) throws Exception {
    Npm.Output refused = picture(where);
    assertEquals(1, refused.status(), refused.text());
    assertTrue(refused.text().matches("picture: " + where + why), refused.text());
  }

  @Test
  void what_cannot_be_drawn_is_told_in_a_line() throws Exception {
    Files.writeString(directory.resolve("intervals.ndjson"), "");
    refused(directory, " is what is left of a run that was killed: .*");
    for (String document :
        List.of("{", "[]", "null", "{}", "{\"schema\":\"headrace/result/1\"}", "\u0001")) {
      Files.writeString(directory.resolve("result.json"), document);
      refused(directory, "/result.json is damaged, or no document of Headrace: .*");
    }
    Files.writeString(directory.resolve("result.json"), "{\"schema\":\"headrace/result/9\"}");
    refused(directory, "/result.json has the schema 'headrace/result/9', .*");
    String bench =
        "{\"schema\":\"headrace/bench/1\",\"run_id\":\"x\",\"partial\":true,"
            + "\"host\":{\"kernel\":\"6\"},\"results\":[]}";
    Files.writeString(directory.resolve("bench.json"), bench);
    refused(directory, "/bench.json holds no result: the bench was interrupted before .*");
  }
}
