package dev.headrace.service;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Task;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.FileStat;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamService;
import dev.headrace.service.HttpReply.Ending;
import dev.headrace.service.HttpRequestReader.BodyTooLargeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.EOFException;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.concurrent.TimeoutException;

/**
 * Serves the files of a directory by HTTP/1.1, in blocking style: {@code GET} and {@code HEAD},
 * with a range, and not again what the client has already.
 *
 * <pre>
 *   socket ──▶ HttpRequestReader ──▶ FileTree ──▶ HttpFiles ──▶ socket
 *              Netty's decoder       opens        head, then {@link SocketStream#sendFile}
 * </pre>
 */
public final class HttpFiles {
  private static final long MOST_UNREAD_BYTES = 1 << 20;
  private static final Duration MOST_UNREAD_TIME = Duration.ofSeconds(3);

  private final FileTree tree;

  private HttpFiles(FileTree tree) {
    this.tree = tree;
  }

  /**
   * A service of the files under a directory.
   *
   * @param engine opens them
   * @param root the directory; nothing outside of it is served
   * @return a service for {@link dev.headrace.net.StreamListener#serve}
   * @throws IOException when there is no such directory
   */
  public static StreamService<SocketStream> streamService(Engine engine, Path root)
      throws IOException {
    return new HttpFiles(new FileTree(engine, root))::serve;
  }

  private void serve(SocketStream client) throws IOException {
    try (HttpRequestReader requests = new HttpRequestReader(client)) {
      Ending ending = Ending.KEPT;
      while (ending != Ending.CLOSED) {
        HttpRequest request = requests.next();
        if (request == null) {
          return;
        }
        ending = answer(client, request);
      }
    } catch (BodyTooLargeException e) {
      text(client, HttpReply.tooLarge());
    }
    finish(client);
  }

  /**
   * Closing with bytes unread would reset the connection, and overtake the answer: so they are read
   * and forgotten. A client that sends on and on is cut off. One that neither sends nor ends is
   * left after a while, and the kernel still sends it what it has not received yet.
   */
  private static void finish(SocketStream client) throws IOException {
    client.shutdownOutput();
    try {
      Task.timeout(MOST_UNREAD_TIME, () -> forgetRest(client));
    } catch (TimeoutException e) {
      return; // to who closes it
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the end of the client was not read", e);
    }
  }

  private static Void forgetRest(SocketStream client) throws IOException {
    long count = 0;
    for (ByteBuf rest = client.receive(); rest != null; rest = client.receive()) {
      count += rest.readableBytes();
      rest.release();
      if (count > MOST_UNREAD_BYTES) {
        client.abort();
        return null;
      }
    }
    return null;
  }

  private Ending answer(SocketStream client, HttpRequest request) throws IOException {
    if (request.decoderResult().isFailure()) {
      return text(client, HttpReply.toNonsense(request.decoderResult().cause()));
    }
    HttpAsked asked = HttpAsked.by(request);
    if (asked.refusal() != null) {
      return text(client, asked.refusal());
    }
    if (HttpRequestReader.isWaiting(request)) { // no answer here depends on a body
      return text(
          client, HttpReply.textual(HttpResponseStatus.EXPECTATION_FAILED, asked).closing());
    }
    AsyncFile file;
    try {
      file = tree.open(asked.path());
    } catch (FileSystemException e) {
      return text(client, HttpReply.textual(status(e), asked));
    }
    try {
      FileStat stat = file.metadataNow();
      return stat.isRegular()
          ? send(client, request, asked, file, stat)
          : text(client, HttpReply.textual(HttpResponseStatus.NOT_FOUND, asked));
    } finally {
      file.closeAsync(); // nothing was written that closing could lose
    }
  }

  private static HttpResponseStatus status(FileSystemException failure) {
    return switch (failure) {
      case NoSuchFileException absent -> HttpResponseStatus.NOT_FOUND;
      case NotDirectoryException absent -> HttpResponseStatus.NOT_FOUND;
      case AccessDeniedException denied -> HttpResponseStatus.FORBIDDEN;
      default ->
          switch (IoFailure.kindOf(failure)) {
            case "ENAMETOOLONG", "ELOOP", "ENXIO" -> HttpResponseStatus.NOT_FOUND;
            default -> HttpResponseStatus.SERVICE_UNAVAILABLE; // out of descriptors, for instance
          };
    };
  }

  private static Ending text(SocketStream client, HttpReply reply) throws IOException {
    String body = reply.status().toString() + '\n';
    String head =
        HttpHead.of(
            reply.status(),
            now(),
            reply.ending(),
            "content-type",
            "text/plain",
            "content-length",
            String.valueOf(body.length()));
    sendAscii(client, reply.head() ? head : head + body);
    return reply.ending();
  }

  private static Ending send(
      SocketStream client, HttpRequest request, HttpAsked asked, AsyncFile file, FileStat stat)
      throws IOException {
    HttpValidators validators = HttpValidators.of(stat);
    if (validators.match(request.headers())) {
      String head =
          HttpHead.of(
              HttpResponseStatus.NOT_MODIFIED, now(), asked.ending(), "etag", validators.etag());
      sendAscii(client, head);
      return asked.ending();
    }
    HttpRange range =
        !asked.head() && validators.allowRange(request.headers()) // it is defined for GET only
            ? HttpRange.of(request.headers().get(HttpHeaderNames.RANGE), stat.size())
            : null;
    if (range != null && !range.isSatisfiable()) {
      String head =
          HttpHead.of(
              HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
              now(),
              asked.ending(),
              "content-range",
              "bytes */" + stat.size(),
              "content-length",
              "0");
      sendAscii(client, head);
      return asked.ending();
    }
    long first = range == null ? 0 : range.first();
    long length = range == null ? stat.size() : range.length();
    String head =
        HttpHead.of(
            range == null ? HttpResponseStatus.OK : HttpResponseStatus.PARTIAL_CONTENT,
            now(),
            asked.ending(),
            "content-type",
            type(file.path()),
            "content-length",
            String.valueOf(length),
            "content-range",
            range == null
                ? null
                : "bytes " + first + '-' + (first + length - 1) + '/' + stat.size(),
            "last-modified",
            validators.lastModified(),
            "etag",
            validators.etag(),
            "accept-ranges",
            "bytes");
    sendAscii(client, head);
    if (!asked.head() && client.sendFile(file, first, length) < length) {
      client.abort(); // its length was promised
      throw new EOFException(file.path() + " was cut while it was sent");
    }
    return asked.ending();
  }

  private static String type(Path path) {
    String known = URLConnection.getFileNameMap().getContentTypeFor(path.toString());
    return known == null ? "application/octet-stream" : known;
  }

  private static String now() {
    return DateFormatter.format(new Date());
  }

  private static void sendAscii(SocketStream client, String text) throws IOException {
    ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(text.length());
    ByteBufUtil.writeAscii(bytes, text);
    try {
      client.send(bytes.retain());
    } catch (IOException | RuntimeException e) {
      bytes.release();
      throw e;
    } finally {
      bytes.release();
    }
  }
}
