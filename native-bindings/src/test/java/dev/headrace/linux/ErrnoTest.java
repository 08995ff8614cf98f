package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrnoTest {
  @Test
  void isTheLibrarysWholeTable(@TempDir Path directory) throws Exception {
    List<String> theirs =
        CProgram.linesOf(
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <stdio.h>
            #include <string.h>
            int main(void) {
            #if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
              for (int number = 1; number < 4096; number++) {
                const char *name = strerrorname_np(number);
                if (name) printf("%d %s (%s)\\n", number, name, strerror(number));
              }
            #endif
              return 0;
            }
            """,
            directory);
    assumeFalse(
        theirs.isEmpty(), "the C library is not glibc 2.32 or later: it cannot name errors");
    List<String> ours =
        IntStream.range(1, 4096)
            .mapToObj(Errno::of)
            .filter(errno -> !errno.text().isEmpty())
            .map(errno -> errno.number() + " " + errno)
            .toList();
    assertEquals(theirs, ours);
  }

  @Test
  void knowsAllNumbersButTheTwoThatAreFree() {
    int[] unknown =
        IntStream.rangeClosed(1, 133).filter(n -> Errno.of(n).text().isEmpty()).toArray();
    assertEquals("[41, 58]", Arrays.toString(unknown));
  }

  @Test
  void hasConstantsThatCarryTheirOwnNames() throws Exception {
    int constants = 0;
    for (Field field : Errno.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers())) {
        assertEquals(field.getName(), Errno.of(field.getInt(null)).name());
        constants++;
      }
    }
    assertTrue(constants > 40);
  }

  @Test
  void readsAsNameAndText() {
    assertEquals("EMFILE (Too many open files)", Errno.of(Errno.EMFILE).toString());
    assertEquals(new Errno(24, "EMFILE", "Too many open files"), Errno.of(24));
  }

  @ParameterizedTest
  @ValueSource(ints = {-22, 0, 41, 58, 134, 999, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void namesAnUnknownNumberAfterItself(int number) {
    assertEquals("errno " + number, Errno.of(number).name());
    assertEquals("errno " + number, Errno.of(number).toString());
    assertEquals(number, Errno.of(number).number());
  }

  @Test
  void travelsWithItsException() throws Exception {
    LinuxException thrown = new LinuxException("open", "a", Errno.of(Errno.ENOENT));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(thrown);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      LinuxException read = (LinuxException) in.readObject();
      assertEquals(thrown.errno(), read.errno());
      assertEquals("open(a): ENOENT (No such file or directory)", read.getMessage());
    }
  }
}
