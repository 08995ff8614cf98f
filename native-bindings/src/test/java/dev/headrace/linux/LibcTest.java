package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class LibcTest {
  @Test
  void failsAtTheCallWhenTheLibraryLacksAFunction() {
    MethodHandle absent =
        Libc.failing(
            "frobnicate", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    UnsupportedOperationException e =
        assertThrows(
            UnsupportedOperationException.class,
            () -> {
              int result = (int) absent.invokeExact(MemorySegment.NULL, 1L);
              throw new AssertionError("it returned " + result);
            });
    assertEquals("this host's C library has no frobnicate", e.getMessage());
  }

  @Test
  void namesTheRemedyAtTheCallWhenTheJvmDeniesNativeAccess() throws Exception {
    List<String> output =
        ChildJvm.linesOf(
            Elsewhere.class, "--illegal-native-access=deny", "--enable-native-access=java.base");
    String remedy =
        " needs native access: start the JVM with --enable-native-access=dev.headrace.linux,"
            + " or ALL-UNNAMED where this is on the class path";
    assertTrue(output.contains("kernelVersion: uname" + remedy), output::toString);
    assertTrue(output.contains("ofCurrentThreadNanos: clock_gettime" + remedy), output::toString);
  }
}
