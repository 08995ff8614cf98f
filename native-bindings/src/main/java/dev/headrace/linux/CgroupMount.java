package dev.headrace.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mounted hierarchy of control groups that this process is in.
 *
 * @param isV2 whether it is the one hierarchy of version 2, else one of version 1
 * @param top where it is mounted
 * @param group the directory of the process's own group, {@code top} itself or below it
 */
record CgroupMount(boolean isV2, Path top, Path group) {
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  /**
   * The hierarchies that may bound a controller: version 2, and version 1 where it has the
   * controller.
   */
  static List<CgroupMount> all(Path procSelf, String controller) {
    List<String> memberships = ProcFile.lines(procSelf.resolve("cgroup"));
    List<CgroupMount> mounts = new ArrayList<>();
    for (String line : ProcFile.lines(procSelf.resolve("mountinfo"))) {
      // id parent major:minor ROOT MOUNT_POINT options optional-fields… - TYPE source SUPER_OPTIONS
      String[] halves = line.split(" - ", 2);
      if (halves.length < 2) {
        continue;
      }
      String[] where = halves[0].split(" ");
      String[] what = halves[1].split(" ");
      boolean isV2 = what[0].equals("cgroup2");
      if (isV2 || (what[0].equals("cgroup") && names(what[2], controller))) {
        Path top = Path.of(unescaped(where[4]));
        String path = membership(memberships, isV2 ? "" : controller);
        mounts.add(new CgroupMount(isV2, top, group(top, unescaped(where[3]), path)));
      }
    }
    return mounts;
  }

  /** The process's own directory first, then its ancestors' up to the mount. */
  List<Path> fromGroupToTop() {
    List<Path> directories = new ArrayList<>();
    Path directory = group;
    while (directory.startsWith(top)) {
      directories.add(directory);
      directory = directory.getParent();
    }
    return directories;
  }

  /** The path in {@code hierarchy:controllers:path}; version 2 names no controllers. */
  private static String membership(List<String> memberships, String controller) {
    return memberships.stream()
        .map(line -> line.split(":", 3))
        .filter(fields -> fields.length == 3 && names(fields[1], controller))
        .map(fields -> fields[2])
        .findFirst()
        .orElse("/");
  }

  private static boolean names(String commaSeparated, String wanted) {
    return List.of(commaSeparated.split(",")).contains(wanted);
  }

  /**
   * A mount shows the hierarchy from a root on. A process outside of that root (a container that
   * sees the host's paths, or a path with {@code ..}) cannot be followed, and the mount's top is
   * its group, as far as anyone can tell.
   */
  private static Path group(Path top, String root, String path) {
    Path hierarchyRoot = Path.of(root);
    Path membership = Path.of(path);
    boolean inside = membership.startsWith(hierarchyRoot) && !membership.startsWith("/..");
    return inside ? top.resolve(hierarchyRoot.relativize(membership)).normalize() : top;
  }

  /** mountinfo writes a space as {@code \040}, and a tab, a line's end and a backslash likewise. */
  private static String unescaped(String field) {
    return OCTAL
        .matcher(field)
        .replaceAll(
            octal ->
                Matcher.quoteReplacement(Character.toString(Integer.parseInt(octal.group(1), 8))));
  }
}
