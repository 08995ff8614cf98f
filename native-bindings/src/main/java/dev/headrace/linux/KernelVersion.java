package dev.headrace.linux;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Linux kernel's version.
 *
 * @param major the 6 of 6.18.44
 * @param minor the 18 of 6.18.44
 * @param patch the 44 of 6.18.44; 0 where the release names none
 * @param release the whole release as {@code uname -r} prints it, such as {@code
 *     5.15.0-105-generic}
 */
public record KernelVersion(int major, int minor, int patch, String release) {
  private static final Pattern RELEASE =
      Pattern.compile("(\\d{1,9})\\.(\\d{1,9})(?:\\.(\\d{1,9}))?.*");

  /**
   * Reads a release as {@code uname -r} prints it.
   *
   * @param release such as {@code 6.18.44-fc-v669}; what follows the numbers is kept in {@link
   *     #release()} only
   * @return the version
   * @throws IllegalArgumentException when it does not begin with two numbers
   */
  public static KernelVersion parse(String release) {
    Matcher matcher = RELEASE.matcher(release);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a kernel release such as 6.18.44-generic: \"" + release + '"');
    }
    int patch = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
    return new KernelVersion(
        Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), patch, release);
  }

  /**
   * Whether this kernel is of a version or a later one. Vendors backport: a kernel may have what
   * its version does not promise.
   *
   * @param wantedMajor the 6 of 6.1
   * @param wantedMinor the 1 of 6.1
   * @return true for this version and later ones
   */
  public boolean isAtLeast(int wantedMajor, int wantedMinor) {
    return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
  }

  /** The release, as {@code uname -r} prints it. */
  @Override
  public String toString() {
    return release;
  }
}
