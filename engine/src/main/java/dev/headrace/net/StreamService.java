package dev.headrace.net;

/**
 * Serves a connection in blocking style, on a task of its own.
 *
 * @param <S> of which kind
 */
@FunctionalInterface
public interface StreamService<S extends SocketStream> {
  /**
   * Serves one connection, which is closed when this returns or throws.
   *
   * @param client the connection
   * @throws Exception ends this connection only; anything but an {@code IOException} or an {@code
   *     InterruptedException} is logged as an error
   */
  void serve(S client) throws Exception;
}
