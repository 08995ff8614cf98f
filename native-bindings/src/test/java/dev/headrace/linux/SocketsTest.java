package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketsTest {
  @BeforeEach
  void onLinux() {
    assumeTrue(Linux.isPresent(), "not Linux");
  }

  @Test
  void aPipeGivesWhatWasWrittenThenNothingThenItsEnd() throws Exception {
    Descriptors.Pair pipe = Descriptors.pipe();
    ByteBuffer target = ByteBuffer.allocateDirect(8);
    assertEquals(-Errno.EAGAIN, Descriptors.read(pipe.first(), target));
    assertEquals(3, Descriptors.write(pipe.second(), direct(1, 2, 3)));
    assertEquals(3, Descriptors.read(pipe.first(), target));
    Descriptors.close(pipe.second());
    assertEquals(0, Descriptors.read(pipe.first(), target));
    Descriptors.close(pipe.first());
  }

  @Test
  void aNamedPipeThatNobodyReadsIsRefusedToItsWriter(@TempDir Path directory) throws Exception {
    Path fifo = directory.resolve("fifo");
    Descriptors.makeFifo(fifo, 0600);
    LinuxException refused =
        assertThrows(LinuxException.class, () -> Descriptors.openToWrite(fifo));
    assertEquals("ENXIO", refused.errno().name());
    int reader = Descriptors.openToRead(fifo);
    Descriptors.close(Descriptors.openToWrite(fifo));
    Descriptors.close(reader);
  }

  @Test
  void aDatagramThatIsTooLongForTheTargetSaysHowLongItWas() throws Exception {
    Descriptors.Pair pair = Sockets.unixPair(true);
    assertEquals(3, Sockets.sendUnix(pair.first(), direct(1, 2, 3), null));
    ByteBuffer target = ByteBuffer.allocateDirect(2);
    assertEquals(3, Sockets.receiveUnix(pair.second(), target, true).sizeBytes());
    target.clear();
    assertEquals(3, Sockets.receiveUnix(pair.second(), target, false).sizeBytes());
    assertEquals(2, target.position());
    assertEquals(-Errno.EAGAIN, Sockets.receiveUnix(pair.second(), target, false).sizeBytes());
    Descriptors.close(pair.first());
    Descriptors.close(pair.second());
  }

  @Test
  void anAbstractNameIsTheSendersAddress() throws Exception {
    byte[] name = ("\0headrace-test-" + ProcessHandle.current().pid()).getBytes();
    int socket = Sockets.unixDatagram();
    Sockets.bindUnix(socket, name);
    assertArrayEquals(name, Sockets.localUnix(socket));
    assertEquals(1, Sockets.sendUnix(socket, direct(1), name));
    Sockets.Received received = Sockets.receiveUnix(socket, ByteBuffer.allocateDirect(1), false);
    assertArrayEquals(name, received.sender());
    Descriptors.close(socket);
  }

  @Test
  void optionsAreReadBackAndThePeerIsThisProcess() throws Exception {
    Descriptors.Pair pair = Sockets.unixPair(false);
    SocketOption.SO_LINGER.setLinger(pair.first(), OptionalInt.of(7));
    assertEquals(OptionalInt.of(7), SocketOption.SO_LINGER.getLinger(pair.first()));
    SocketOption.SO_KEEPALIVE.set(pair.first(), 1);
    assertEquals(1, SocketOption.SO_KEEPALIVE.get(pair.first()));
    assertEquals(0, SocketOption.SO_ERROR.get(pair.first()));
    assertEquals(ProcessHandle.current().pid(), SocketOption.peerCredentials(pair.first()).pid());
    assertEquals(0, SocketOption.drops(pair.first()));
    Descriptors.close(pair.first());
    Descriptors.close(pair.second());
  }

  @Test
  void whatThePeerHasNotReadIsUnsent() throws Exception {
    Descriptors.Pair pair = Sockets.unixPair(false);
    assertEquals(0, Sockets.unsentBytes(pair.first()));
    assertEquals(3, Descriptors.write(pair.first(), direct(1, 2, 3)));
    assertTrue(Sockets.unsentBytes(pair.first()) >= 3);
    assertEquals(3, Descriptors.read(pair.second(), ByteBuffer.allocateDirect(3)));
    assertEquals(0, Sockets.unsentBytes(pair.first()));
    Descriptors.close(pair.first());
    Descriptors.close(pair.second());
    assertThrows(LinuxException.class, () -> Sockets.unsentBytes(-1));
  }

  private static ByteBuffer direct(int... bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
    for (int value : bytes) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }
}
