package dev.headrace.examples;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages under {@code docs} show code that runs, and name tests and members that exist. */
class DocsTest {
  private static final Path ROOT = Path.of("..");
  private static final Path EXAMPLES = Path.of("src/examples/java/dev/headrace/examples");
  private static final Path TESTS = Path.of("src/test/java");
  private static final Path TOKIO = ROOT.resolve("docs/coming-from-tokio.md");
  private static final Path SURFACE = ROOT.resolve("docs/surface.md");

  private static final Pattern SHOWN =
      Pattern.compile("^ *// doc:begin\n(.*?)^ *// doc:end$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)\n```", Pattern.DOTALL);
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)#(\\w+)`");
  private static final Pattern MEMBER = Pattern.compile("`([A-Z]\\w+)\\.(\\w+)`");
  private static final Pattern TOKIOS_COLUMN = Pattern.compile("^\\|[^|]*\\|", Pattern.MULTILINE);

  /** Where the pages' types are looked for. */
  private static final List<String> PACKAGES =
      List.of(
          "dev.headrace",
          "dev.headrace.file",
          "dev.headrace.io",
          "dev.headrace.net",
          "dev.headrace.examples",
          "java.nio.file",
          "java.nio.channels",
          "com.sun.nio.file");

  private static List<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files.filter(file -> !file.endsWith("package-info.java")).sorted().toList();
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }

  private static List<String> groups(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).toList();
  }

  /** What an example marks as to be shown, moved to the left margin. */
  private static List<String> shown(Path example) throws IOException {
    return groups(SHOWN, Files.readString(example)).stream()
        .map(code -> code.stripTrailing().stripIndent())
        .toList();
  }

  @Test
  void everyExampleHasATest() throws IOException {
    String tests = Files.readString(TESTS.resolve("dev/headrace/examples/ExamplesTest.java"));
    for (Path example : examples()) {
      String name = name(example);
      assertTrue(
          Pattern.compile("\\b" + name + "(\\.|::)").matcher(tests).find(),
          () -> "ExamplesTest does not run " + name);
    }
  }

  @Test
  void everyExampleIsAProgramThatNeedsNothingInternal() throws Exception {
    for (Path example : examples()) {
      Class.forName("dev.headrace.examples." + name(example)).getMethod("main", String[].class);
      assertFalse(Files.readString(example).contains("dev.headrace.internal"), () -> name(example));
    }
  }

  @Test
  void everyExampleIsShownToThoseWhoComeFromTokioAsItIs() throws IOException {
    List<String> blocks = groups(JAVA_BLOCK, Files.readString(TOKIO));
    for (Path example : examples()) {
      assertFalse(shown(example).isEmpty(), () -> name(example) + " marks nothing by doc:begin");
      for (String code : shown(example)) {
        assertTrue(blocks.contains(code), () -> TOKIO + " does not show this:\n" + code);
      }
    }
  }

  @Test
  void noOtherCodeIsShownThanThatOfTheExamples() throws IOException {
    List<String> examples = new ArrayList<>();
    for (Path example : examples()) {
      examples.addAll(shown(example));
    }
    for (Path page : List.of(TOKIO, ROOT.resolve("README.md"))) {
      for (String block : groups(JAVA_BLOCK, Files.readString(page))) {
        assertTrue(examples.contains(block), () -> page + " shows what no test runs:\n" + block);
      }
    }
  }

  @Test
  void everyTestThatTheSurfaceNamesExists() throws Exception {
    Set<String> missing = new TreeSet<>();
    List<MatchResult> named = TEST.matcher(Files.readString(SURFACE)).results().toList();
    assertTrue(named.size() > 100, () -> "only " + named.size() + " tests are named");
    for (MatchResult test : named) {
      if (!isTest(test.group(1), test.group(2))) {
        missing.add(test.group());
      }
    }
    assertEquals(Set.of(), missing);
  }

  private static boolean isTest(String type, String method) throws Exception {
    try (Stream<Path> files = Files.walk(TESTS)) {
      List<Path> found = files.filter(file -> file.endsWith(type + ".java")).toList();
      if (found.size() != 1) {
        return false;
      }
      String path = TESTS.relativize(found.getFirst()).toString();
      Class<?> test = Class.forName(path.replace(".java", "").replace('/', '.'));
      return Arrays.stream(test.getDeclaredMethods())
          .filter(each -> each.getName().equals(method))
          .flatMap(each -> Arrays.stream(each.getAnnotations()))
          .anyMatch(each -> each.annotationType().getSimpleName().endsWith("Test"));
    }
  }

  @Test
  void everyMemberThatTheSurfaceNamesExists() throws IOException {
    Set<String> missing = new TreeSet<>();
    String headrace = TOKIOS_COLUMN.matcher(Files.readString(SURFACE)).replaceAll("|");
    for (MatchResult member : MEMBER.matcher(headrace).results().toList()) {
      if (PACKAGES.stream().noneMatch(in -> has(in, member.group(1), member.group(2)))) {
        missing.add(member.group());
      }
    }
    assertEquals(Set.of(), missing);
  }

  private static boolean has(String in, String type, String member) {
    Class<?> found;
    try {
      found = Class.forName(in + "." + type);
    } catch (ClassNotFoundException e) {
      return false;
    }
    return Stream.of(
            Arrays.stream(found.getMethods()).map(Method::getName),
            Arrays.stream(found.getDeclaredMethods()).map(Method::getName),
            Arrays.stream(found.getFields()).map(Field::getName),
            Arrays.stream(found.getDeclaredClasses()).map(Class::getSimpleName))
        .flatMap(names -> names)
        .anyMatch(member::equals);
  }

  @Test
  void everyRowOfTheSurfaceNamesATestOrSaysWhyThereIsNone() throws IOException {
    String silent =
        Files.readAllLines(SURFACE).stream()
            .filter(line -> line.endsWith("| - |"))
            .filter(
                line -> !line.contains("not built yet") && !line.contains("makes no sense here"))
            .collect(joining("\n"));
    assertEquals("", silent);
  }
}
