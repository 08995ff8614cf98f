package dev.headrace.loadgen;

import static dev.headrace.loadgen.WrongValue.check;

import dev.headrace.EngineOptions;
import dev.headrace.FileBackend;
import dev.headrace.Transport;
import dev.headrace.loadgen.load.FileAccess;
import dev.headrace.loadgen.load.FileWorkload;
import dev.headrace.loadgen.load.RunPlan;
import dev.headrace.loadgen.report.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace file}: one run against a file. */
@Command(
    name = "file",
    description = "Reads or writes a file through the engine, and measures it.",
    mixinStandardHelpOptions = true)
final class FileCommand {
  private static final long LARGEST_BLOCK = 64L << 20;
  private static final int LEAST_DIRECT_BLOCK = 512;

  static CommandLine line(Session session) {
    CommandLine line = new CommandLine(new FileCommand());
    add(line, new Reading(session, FileAccess.READ), "Reads a file as it is, block after block.");
    add(line, new Writing(session, FileAccess.WRITE), "Writes a file, block after block.");
    add(line, new Reading(session, FileAccess.RANDREAD), "Reads any block of a file as it is.");
    add(line, new Writing(session, FileAccess.RANDWRITE), "Writes any block of a file.");
    return line;
  }

  private static void add(CommandLine line, Access access, String description) {
    CommandLine sub = new CommandLine(access);
    sub.getCommandSpec().usageMessage().description(description);
    line.addSubcommand(access.access().toString(), sub);
  }

  /** One of the four. */
  private interface Access extends Callable<Integer> {
    FileAccess access();
  }

  /** The options of all four. */
  private static final class Flags {
    @Option(names = "--path", required = true, paramLabel = "FILE", description = "Which file.")
    private Path path;

    @Option(
        names = "--block",
        paramLabel = "BYTES",
        description = "Bytes of an operation: 512, 4k, 1m. Default: 4k.",
        converter = Values.Size.class)
    private long block = 4096;

    @Option(
        names = "--depth",
        paramLabel = "N",
        description = "Operations in flight, over all loops. Default: 64.")
    private int depth = 64;

    @Option(
        names = "--size",
        paramLabel = "BYTES",
        description =
            "How much of the file is used. Default: all of one that exists, 1g of a new one.",
        converter = Values.Size.class)
    private Long size;

    @Option(
        names = "--direct",
        description = "Past the page cache (O_DIRECT). Default: through it; nothing is synced.")
    private boolean direct;

    @Option(
        names = "--backend",
        paramLabel = "ring|threads",
        description = "On the loops' own rings, or on threads that block. Default: what there is.",
        converter = Values.FileBackendLabel.class)
    private FileBackend backend = FileBackend.AUTO;

    @Mixin private RunFlags run;

    /** What concerns no file. */
    EngineOptions.Builder check() throws IOException {
      EngineOptions.Builder engine = run.engine().fileBackend(backend);
      if (backend == FileBackend.RING && engine.build().transport() == Transport.AUTO) {
        engine.transport(Transport.IO_URING); // the only one with a ring: another would not do
      }
      int deepest = FileWorkload.DEEPEST_OF_LOOP * engine.build().loops();
      WrongValue.check(
          block >= 1 && block <= LARGEST_BLOCK,
          "--block is " + block + ": it must be 1 to 64m bytes");
      WrongValue.check(
          !direct || block % LEAST_DIRECT_BLOCK == 0,
          "--block is " + block + ": with --direct it must be a multiple of 512");
      WrongValue.check(
          depth >= 1 && depth <= deepest,
          "--depth is " + depth + ": it must be 1 to " + deepest + ", 1024 a loop");
      long most = Runtime.getRuntime().maxMemory() / 2;
      WrongValue.check(
          block * depth <= most,
          "--block %d x --depth %d is %s of buffers: at most %s fit; take less of either"
              .formatted(block, depth, Figures.bytes(block * depth), Figures.bytes(most)));
      WrongValue.check(
          size == null || size >= block,
          "--size is " + size + ": it must hold a --block, " + block + " bytes, or more");
      return engine;
    }

    FileWorkload workload(FileAccess access, boolean overwrite) {
      OptionalLong used = size == null ? OptionalLong.empty() : OptionalLong.of(size);
      return new FileWorkload(access, path, (int) block, depth, used, overwrite, direct);
    }
  }

  private static int drive(
      Session session, Flags flags, EngineOptions.Builder engine, FileWorkload workload)
      throws IOException {
    RunPlan plan = new RunPlan(flags.run.warmup(), flags.run.duration(), Optional.empty());
    return MeasuredRun.drive(session, flags.run, workload.tuned(engine), workload, plan);
  }

  private static void checkKind(Path path) {
    check(!Files.isDirectory(path), "--path is " + path + ": it is a directory, name a file in it");
    check(
        !Files.exists(path) || Files.isRegularFile(path),
        "--path is " + path + ": it is no regular file");
  }

  @Command(mixinStandardHelpOptions = true)
  private static final class Reading implements Access {
    private final Session session;
    private final FileAccess access;
    @Mixin private Flags flags;

    Reading(Session session, FileAccess access) {
      this.session = session;
      this.access = access;
    }

    @Override
    public FileAccess access() {
      return access;
    }

    @Override
    public Integer call() throws IOException {
      EngineOptions.Builder engine = flags.check();
      Path path = flags.path;
      checkKind(path);
      if (!Files.exists(path)) {
        throw new NoSuchFileException(
            path
                + " is not there: make it with `headrace file write --path "
                + path
                + " --size 1g`");
      }
      long length = Files.size(path);
      check(
          length >= flags.block,
          "--path is %s, of %d bytes: it must hold a --block, %d bytes, or more"
              .formatted(path, length, flags.block));
      return drive(session, flags, engine, flags.workload(access, false));
    }
  }

  @Command(mixinStandardHelpOptions = true)
  private static final class Writing implements Access {
    private final Session session;
    private final FileAccess access;
    @Mixin private Flags flags;

    @Option(
        names = "--overwrite",
        description = "A file that exists may be written to: its content is lost.")
    private boolean overwrite;

    Writing(Session session, FileAccess access) {
      this.session = session;
      this.access = access;
    }

    @Override
    public FileAccess access() {
      return access;
    }

    @Override
    public Integer call() throws IOException {
      EngineOptions.Builder engine = flags.check();
      Path path = flags.path;
      checkKind(path);
      check(
          overwrite || !Files.exists(path),
          "--path is " + path + ": it exists; name a new file, or lose its content by --overwrite");
      Path parent = path.toAbsolutePath().getParent();
      check(Files.isDirectory(parent), "--path is " + path + ": there is no directory " + parent);
      return drive(session, flags, engine, flags.workload(access, overwrite));
    }
  }
}
