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
   *
   * <p>A mount shows its hierarchy from a root on. Where the process is outside of that root (a
   * container that is told the host's paths, or one with {@code ..}) the mount's top stands for its
   * group, but only when no mount shows the group itself: the stray mount may belong to some other
   * container.
   */
  static List<CgroupMount> all(Path procSelf, String controller) {
    List<String> memberships = ProcFile.lines(procSelf.resolve("cgroup"));
    List<CgroupMount> showing = new ArrayList<>();
    List<CgroupMount> stray = new ArrayList<>();
    for (String line : ProcFile.lines(procSelf.resolve("mountinfo"))) {
      // id parent major:minor ROOT MOUNT_POINT options optional-fields - TYPE source SUPER_OPTIONS
      String[] halves = line.split(" - ", 2);
      String[] where = halves[0].split(" ");
      String[] what = halves.length == 2 ? halves[1].split(" ") : new String[] {""};
      boolean isV2 = what[0].equals("cgroup2");
      if (!isV2 && !(what[0].equals("cgroup") && names(what[2], controller))) {
        continue;
      }
      Path top = Path.of(unescaped(where[4]));
      Path root = Path.of(unescaped(where[3]));
      Path path = Path.of(membership(memberships, isV2 ? "" : controller));
      if (path.startsWith(root) && !path.startsWith("/..")) {
        showing.add(new CgroupMount(isV2, top, top.resolve(root.relativize(path)).normalize()));
      } else {
        stray.add(new CgroupMount(isV2, top, top));
      }
    }
    return showing.isEmpty() ? stray : showing;
  }

  /** The process's own directory first, then its ancestors' up to the mount. */
  List<Path> fromGroupToTop() {
    List<Path> directories = new ArrayList<>();
    Path directory = group;
    while (directory != null && directory.startsWith(top)) {
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

  /** mountinfo writes a space as {@code \040}, and a tab, a line's end and a backslash likewise. */
  private static String unescaped(String field) {
    return OCTAL
        .matcher(field)
        .replaceAll(
            octal ->
                Matcher.quoteReplacement(Character.toString(Integer.parseInt(octal.group(1), 8))));
  }
}
