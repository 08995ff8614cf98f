package dev.headrace.io;

import java.nio.channels.ByteChannel;

/** Bytes go both ways: what is written comes out at the other end, and the other way round. */
public interface ByteStream extends ByteSource, ByteSink, ByteChannel {}
