package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
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
}
