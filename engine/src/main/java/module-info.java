/** The Headrace engine: what an embedder depends on. Micrometer has no module description. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.headrace {
  requires transitive io.netty.buffer;
  requires transitive io.netty.common;
  requires transitive io.netty.transport;
  requires transitive dev.headrace.linux;
  requires io.netty.codec;
  requires io.netty.codec.haproxy;
  requires io.netty.codec.http;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.classes.io_uring;
  requires io.netty.transport.unix.common;
  requires jdk.net;
  // Of whoever binds the meters, and nobody else.
  requires static transitive micrometer.core;

  exports dev.headrace;
  exports dev.headrace.buffer;
  exports dev.headrace.file;
  exports dev.headrace.io;
  exports dev.headrace.micrometer;
  exports dev.headrace.net;
  exports dev.headrace.service;
}
