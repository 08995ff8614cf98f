package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Decodes what {@link FileCalls#getdents} wrote. */
public final class DirectoryNames {
  private static final int MODE_SHIFT = 12;

  private DirectoryNames() {}

  /**
   * A name in a directory.
   *
   * @param bytes of the name, without a zero; of whatever encoding
   * @param type under {@link FileFlags#S_IFMT}; 0 where the file system does not say
   */
  public record Name(byte[] bytes, int type) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Name name && type == name.type && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  /**
   * Decodes names, but for {@code .} and {@code ..}.
   *
   * @param address of what the call wrote; another address may crash the JVM
   * @param length what the call returned, in bytes
   * @return the names in the directory's own order; they do not refer to the memory
   * @throws UnsupportedOperationException elsewhere than on Linux
   * @throws IllegalCallerException where the JVM denies native access
   */
  @SuppressWarnings("restricted")
  public static List<Name> read(long address, int length) {
    Linux.require("getdents64");
    MemorySegment all = MemorySegment.ofAddress(address).reinterpret(length);
    List<Name> names = new ArrayList<>();
    for (long at = 0; at < length; ) {
      int size = Short.toUnsignedInt(all.get(JAVA_SHORT_UNALIGNED, at + FileAbi.D_RECLEN));
      byte[] bytes = name(all.asSlice(at + FileAbi.D_NAME, size - FileAbi.D_NAME));
      if (!isSelfOrParent(bytes)) {
        int type = Byte.toUnsignedInt(all.get(JAVA_BYTE, at + FileAbi.D_TYPE)) << MODE_SHIFT;
        names.add(new Name(bytes, type));
      }
      at += size;
    }
    return names;
  }

  private static byte[] name(MemorySegment field) {
    long end = 0;
    while (field.get(JAVA_BYTE, end) != 0) {
      end++;
    }
    return field.asSlice(0, end).toArray(JAVA_BYTE);
  }

  private static boolean isSelfOrParent(byte[] name) {
    return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
  }
}
