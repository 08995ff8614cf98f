package dev.headrace.loadgen.load;

import java.util.SplittableRandom;

/** Where the next operation goes: block after block, or anywhere. Confined to a loop. */
interface Positions {
  /** In bytes, at the start of a block. */
  long next();

  /** Block after block, round and round: shared by all lanes of a loop. */
  final class Sequential implements Positions {
    private final long blockBytes;
    private final long endBytes;
    private long nextBytes;

    /**
     * Starts somewhere within.
     *
     * @param blockBytes of a block
     * @param blocks how many there are, at least 1
     * @param first the first one to take
     */
    Sequential(long blockBytes, long blocks, long first) {
      this.blockBytes = blockBytes;
      this.endBytes = blockBytes * blocks;
      this.nextBytes = blockBytes * first;
    }

    @Override
    public long next() {
      long here = nextBytes;
      nextBytes = here + blockBytes == endBytes ? 0 : here + blockBytes;
      return here;
    }
  }

  /** Any block, each as likely as the others: a lane has its own. */
  final class Scattered implements Positions {
    /** Fixed, so that two runs go the same way. */
    private static final long SEED = 0xf17e;

    private final long blockBytes;
    private final long blocks;
    private final SplittableRandom random;

    Scattered(long blockBytes, long blocks, int lane) {
      this.blockBytes = blockBytes;
      this.blocks = blocks;
      this.random = new SplittableRandom(SEED + lane);
    }

    /** Scales by a multiplication: a remainder costs a division in every operation. */
    @Override
    public long next() {
      return Math.unsignedMultiplyHigh(random.nextLong(), blocks) * blockBytes;
    }
  }
}
